package wsutil

import "sync"

// keepLimit is the largest buffer, in bytes, that goes back to the pool, which
// the garbage collector empties.
const keepLimit = 2 << 20

// buffer is memory that is borrowed for one frame.
type buffer struct{ p []byte }

var buffers = sync.Pool{New: func() any { return &buffer{p: make([]byte, 0, 512)} }}

func borrow() *buffer { return buffers.Get().(*buffer) }

func (b *buffer) giveBack() {
	if cap(b.p) <= keepLimit {
		b.p = b.p[:0]
		buffers.Put(b)
	}
}
