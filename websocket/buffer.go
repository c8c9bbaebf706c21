package websocket

import "sync"

// buffer is memory from a pool. An idle connection has none.
type buffer struct {
	b     []byte // all of its capacity is memory to use
	class int
}

// Buffers have 64 KiB, which one system call fills with many frames, and four
// times as much a step for messages that do not fit. What is larger than the
// largest is left to the garbage collector.
const (
	smallest = 64 << 10
	classes  = 5 // up to 16 MiB
)

var pools [classes]sync.Pool

// borrow returns an empty buffer of at least size bytes.
func borrow(size int) *buffer {
	class, room := 0, smallest
	for room < size && class < classes {
		class, room = class+1, room*4
	}
	if class == classes {
		return &buffer{b: make([]byte, 0, max(size, room)), class: class}
	}
	if v := pools[class].Get(); v != nil {
		return v.(*buffer)
	}
	return &buffer{b: make([]byte, 0, room), class: class}
}

// giveBack puts b into its pool. A slice that has been grown by append has left
// the classes, and is dropped.
func (b *buffer) giveBack() {
	if b.class < classes && cap(b.b) == smallest<<(2*b.class) {
		b.b = b.b[:0]
		pools[b.class].Put(b)
	}
}
