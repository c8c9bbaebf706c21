package websocket

import (
	"sync"

	"github.com/wirews/wirews/internal/pagealias"
)

// buffer is memory from a pool. An idle connection has none.
type buffer struct {
	b     []byte // all of its capacity is memory to use
	class int
}

// Buffers have 72 KiB, which one system call fills with many frames, and four
// times as much a step for messages that do not fit. Messages of 64 and 256 KiB,
// and so on, fit with their headers. What is larger than the largest grows twice
// as large a step, and is left to the garbage collector.
const (
	class0  = 72 << 10
	classes = 5 // up to 18 MiB
)

// smallest is how many bytes the smallest buffer holds. All of them begin in the
// middle of a page.
const smallest = class0 - pagealias.HalfPage

// roomOf returns how many bytes a buffer of a class holds.
func roomOf(class int) int { return class0<<(2*class) - pagealias.HalfPage }

var pools [classes]sync.Pool

// borrow returns an empty buffer of at least size bytes.
func borrow(size int) *buffer {
	class, room := 0, smallest
	for room < size && class < classes {
		class++
		room = roomOf(class)
	}
	if class == classes {
		room = max(size, room)
	} else if v := pools[class].Get(); v != nil {
		return v.(*buffer)
	}
	return &buffer{b: pagealias.Make(room), class: class}
}

// larger returns an empty buffer for what b has become too small for. Its size is
// a multiple of b's, however large that is: what is copied on the way to a long
// message, and what is allocated, is in proportion to its length.
func larger(b *buffer) *buffer { return borrow(2 * cap(b.b)) }

// pooled reports whether b belongs into a pool.
func (b *buffer) pooled() bool {
	return b.class < classes && cap(b.b) == roomOf(b.class)
}

// giveBack puts b into its pool. A slice that has been grown by append has left
// the classes, and is dropped.
func (b *buffer) giveBack() {
	if b.pooled() {
		b.b = b.b[:0]
		pools[b.class].Put(b)
	}
}
