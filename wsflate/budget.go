package wsflate

import "sync/atomic"

// Budget bounds the memory that connections hold between messages for context
// takeover: windows and the tables to search them. Connections share one by
// Extension.Budget and Options.Budget. Once it is used up, Extension agrees on
// no context takeover for new connections, which then hold nothing; those that
// have it keep it. It is safe for concurrent use.
//
// A connection is counted from New to Deflate.Close with the most that it may
// come to hold. Handshakes that are under way are not counted, so that one
// that fails needs no care; a few connections more than the limit allows may
// be let in by that.
type Budget struct {
	limit int64
	used  atomic.Int64
}

// NewBudget returns a Budget of limit bytes.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

// Used returns how many bytes are counted now.
func (b *Budget) Used() int64 { return b.used.Load() }

func (b *Budget) hasRoom() bool { return b.used.Load() < b.limit }

// take counts n more bytes. A nil Budget counts nothing.
func (b *Budget) take(n int) {
	if b != nil {
		b.used.Add(int64(n))
	}
}
