package wshub

import "time"

// Retention is how much of a topic is kept for whoever subscribes later. The zero
// value keeps nothing. The bounds hold together: what one of them excludes is dropped,
// the oldest first. What a [Bus] keeps is bounded by options of its own, whose zero values
// keep something.
type Retention struct {
	// Messages is how many are kept. Zero: none.
	Messages int
	// Bytes is how many bytes of payload and keys they have together. Zero: no limit.
	// A message that is longer is not kept, and neither is what was before it.
	Bytes int
	// Age is how old a message may be. Zero: no limit.
	Age time.Duration
}
