// Package bufpool lends the memory that bytes are received into and sent from.
// A connection that waits has none of it.
//
// Buffers have 72 KiB, which one system call fills with many frames, and four
// times as much a step for messages that do not fit: messages of 64 KiB, 256 KiB
// and so on fit with their headers. What is longer than the largest of them is
// left to the garbage collector. All begin in the middle of a page; package
// pagealias says why.
package bufpool

import (
	"sync"

	"github.com/wirews/wirews/internal/pagealias"
)

const (
	class0  = 72 << 10
	classes = 5 // up to 18 MiB
)

// Smallest is how many bytes the smallest buffer holds.
const Smallest = class0 - pagealias.HalfPage

// Largest is how many bytes the largest buffer holds that is kept for others.
const Largest = class0<<(2*(classes-1)) - pagealias.HalfPage

// Buffer is memory from a pool. All of the capacity of B is the borrower's
// until GiveBack.
type Buffer struct {
	B     []byte
	class int
}

var pools [classes]sync.Pool

// room returns how many bytes a buffer of a class holds.
func room(class int) int { return class0<<(2*class) - pagealias.HalfPage }

// Borrow returns an empty buffer of at least size bytes.
func Borrow(size int) *Buffer {
	class, n := 0, Smallest
	for n < size && class < classes {
		class++
		n = room(class)
	}
	if class == classes {
		return &Buffer{B: pagealias.Make(size), class: class}
	}
	if b, ok := pools[class].Get().(*Buffer); ok {
		return b
	}
	return &Buffer{B: pagealias.Make(n), class: class}
}

// Own returns b as a buffer that no pool ever has: GiveBack leaves it to its owner.
func Own(b []byte) *Buffer { return &Buffer{B: b[:0], class: classes} }

// Larger returns an empty buffer that is at least twice as large as b: what
// grows with what arrives is copied a bounded number of times.
func (b *Buffer) Larger() *Buffer { return Borrow(2 * cap(b.B)) }

// GiveBack ends the loan. A slice that append has moved has left the classes,
// and is dropped, as is one that is too large to be kept.
func (b *Buffer) GiveBack() {
	if b.class < classes && cap(b.B) == room(b.class) {
		b.B = b.B[:0]
		pools[b.class].Put(b)
	}
}
