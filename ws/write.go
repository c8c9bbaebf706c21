package ws

import (
	"bufio"
	"io"
	"net"
	"sync"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/earlyconn"
)

// copyLimit is the longest payload, in bytes, that WriteFrame copies after
// its header when the connection can take both by one writev(2) instead.
// Below it the copy is cheaper than the second iovec.
const copyLimit = 16 << 10

// keepFrame is the largest buffer for frames, in bytes, that goes back to its
// pool, which the garbage collector empties.
const keepFrame = 2 << 20

// outgoing is what WriteFrame needs besides its arguments. It is pooled
// because what is passed to an io.Writer escapes.
type outgoing struct {
	buf     []byte
	vectors [2][]byte
	bufs    net.Buffers
}

var outgoings = sync.Pool{New: func() any { return &outgoing{buf: make([]byte, 0, 512)} }}

// WriteHeader writes h to w with one Write. Its errors are
// [ErrHeaderLengthUnexpected], [ErrHeaderBitsUnexpected] and those of w. A
// payload that follows by a Write of its own is a second system call, and a
// place where another writer can come between: [WriteFrame] has neither.
func WriteHeader(w io.Writer, h Header) error {
	if err := h.encodable(); err != nil {
		return err
	}
	o := outgoings.Get().(*outgoing)
	o.buf = AppendHeader(o.buf[:0], h)
	_, err := checkedio.Write(w, o.buf)
	outgoings.Put(o)
	return err
}

// WriteHeaderBuffer is [WriteHeader] with the buffer of the caller. Its capacity
// must be at least [MaxHeaderSize], or the error is io.ErrShortBuffer.
func WriteHeaderBuffer(w io.Writer, h Header, buf []byte) error {
	if cap(buf) < MaxHeaderSize {
		return io.ErrShortBuffer
	}
	if err := h.encodable(); err != nil {
		return err
	}
	_, err := checkedio.Write(w, AppendHeader(buf[:0], h))
	return err
}

// WriteFrame writes f to w, its payload as it is, with one Write; a payload
// over 16 KiB on a *net.TCPConn or *net.UnixConn goes out uncopied by one
// writev(2). The errors are those of [WriteHeader], [ErrFrameLength], and those
// of w. It allocates nothing, except for payloads over 2 MiB on other writers.
func WriteFrame(w io.Writer, f Frame) error {
	if err := f.encodable(); err != nil {
		return err
	}
	if bw, ok := w.(*bufio.Writer); ok && HeaderSize(f.Header)+len(f.Payload) <= bw.Available() {
		_, err := bw.Write(AppendFrame(bw.AvailableBuffer(), f))
		return err
	}
	o := outgoings.Get().(*outgoing)
	err := o.write(w, f)
	if cap(o.buf) <= keepFrame {
		outgoings.Put(o)
	}
	return err
}

func (o *outgoing) write(w io.Writer, f Frame) error {
	if len(f.Payload) > copyLimit && earlyconn.TakesVectors(w) {
		o.buf = AppendHeader(o.buf[:0], f.Header)
		o.vectors = [2][]byte{o.buf, f.Payload}
		o.bufs = o.vectors[:]
		_, err := o.bufs.WriteTo(w)
		o.vectors = [2][]byte{}
		return err
	}
	o.buf = AppendFrame(o.buf[:0], f)
	_, err := checkedio.Write(w, o.buf)
	return err
}

func (f Frame) encodable() error {
	if err := f.Header.encodable(); err != nil {
		return err
	}
	if f.Header.Length != int64(len(f.Payload)) {
		return ErrFrameLength
	}
	return nil
}
