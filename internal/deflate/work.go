package deflate

import (
	"slices"
	"sync"
)

// work is the memory that is needed only while a message is being compressed.
type work struct {
	encoder
	parsed     parse
	buf        []byte   // of a window that is not, or not large enough, of its own
	head, prev []uint16 // without context takeover

	pending []byte // memory for output that waits for room
	drained int    // octets of it that are gone
	ended   bool   // the end of the message has been written
}

var works = sync.Pool{New: func() any { return new(work) }}

func (w *work) release() {
	w.out, w.bits, w.n = nil, 0, 0
	w.drained, w.ended = 0, false
	works.Put(w)
}

// buffer returns memory of at least n bytes. If there was not enough, it is
// other memory than before.
func (w *work) buffer(n int) []byte {
	if cap(w.buf) < n {
		w.buf = make([]byte, 0, max(n, min(2*cap(w.buf), 1<<MaxBits+maxBlock+padding)))
	}
	return w.buf[:0]
}

// zeroed returns n zeros in memory that is kept at m.
func zeroed(m *[]uint16, n int) []uint16 {
	*m = slices.Grow((*m)[:0], n)
	s := (*m)[:n]
	clear(s)
	return s
}
