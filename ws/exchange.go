package ws

import (
	"io"
	"slices"
	"sync"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/checkedio"
)

// exchange is the memory of one opening handshake. It is pooled; nothing in
// it outlives the call that took it.
type exchange struct {
	in    headBuffer
	out   []byte
	head  httpx.Scratch
	extra appender     // what HandshakeHeaders write, before it is checked
	lines httpx.Fields // of extra
	name  []byte       // a field name in canonical form

	// Of a request of net/http: on the stack, they would make that of nearly every
	// handler grow, which costs as much as all rules together.
	rules   Upgrader
	offer   offer
	request httpx.Request
}

var exchanges = sync.Pool{New: func() any { return new(exchange) }}

// keepHead is the largest buffer for heads, in bytes, that goes back.
const keepHead = 64 << 10

// release gives x back, but not with buffers that one odd peer has blown up.
func (x *exchange) release() {
	if cap(x.in.b) > keepHead || cap(x.out) > keepHead || cap(x.extra) > keepHead || cap(x.head.Fields) > httpx.DefaultMaxFields {
		return
	}
	clear(x.head.Fields[:cap(x.head.Fields)])
	exchanges.Put(x)
}

// headBuffer holds a head while it arrives. It grows with what has arrived;
// the limit on heads ends that.
type headBuffer struct{ b []byte }

func (h *headBuffer) reset(size, zero int) { h.b = sized(h.b, size, zero) }

// sized returns an empty buffer with room for size bytes, or for zero if size
// is not positive.
func sized(b []byte, size, zero int) []byte {
	if size <= 0 {
		size = zero
	}
	return slices.Grow(b[:0], size)
}

// readFrom reads once. The error is io.EOF only before the first byte.
func (h *headBuffer) readFrom(r io.Reader) error {
	if len(h.b) == cap(h.b) {
		h.b = slices.Grow(h.b, len(h.b))
	}
	n, err := checkedio.ReadSome(r, h.b[len(h.b):cap(h.b)])
	h.b = h.b[:len(h.b)+n]
	switch {
	case n > 0:
		return nil // if err is not nil, the next Read returns it again
	case err == io.EOF && len(h.b) > 0:
		return io.ErrUnexpectedEOF
	}
	return err
}
