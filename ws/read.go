package ws

import (
	"io"
	"math"
	"sync"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/growread"
)

// DefaultMaxFramePayload is the longest payload, in bytes, that ReadFrame
// reads into memory: 32 MiB.
const DefaultMaxFramePayload = 32 << 20

// headerBuffers lends ReadHeader its buffer: one on the stack would escape
// through the io.Reader and cost an allocation per header.
var headerBuffers = sync.Pool{New: func() any { return new([MaxHeaderSize]byte) }}

// ReadHeader reads a frame header from r, with one Read for its first two
// bytes and, if there is more of it, one for the rest; never more than the
// header. The error is io.EOF if r ends before the first byte,
// io.ErrUnexpectedEOF if it ends inside the header, or one of ParseHeader's.
// Once they have come, an error of r itself is returned as it is.
func ReadHeader(r io.Reader) (h Header, err error) {
	err = h.read(r)
	return h, err
}

// ReadHeaderBuffer is [ReadHeader] with the buffer of the caller. Its capacity
// must be at least 12 bytes, or the error is io.ErrShortBuffer; one of
// [MaxHeaderSize] spares a look into a pool.
func ReadHeaderBuffer(r io.Reader, buf []byte) (h Header, err error) {
	switch {
	case cap(buf) < MaxHeaderSize-MinHeaderSize:
		err = io.ErrShortBuffer
	case cap(buf) < MaxHeaderSize:
		err = h.read(r)
	default:
		err = h.readBuffer(r, buf[:MaxHeaderSize])
	}
	return h, err
}

// read is ReadHeader into h, which stays as it is with an error.
func (h *Header) read(r io.Reader) error {
	buf := headerBuffers.Get().(*[MaxHeaderSize]byte)
	err := h.readBuffer(r, buf[:])
	headerBuffers.Put(buf)
	return err
}

func (h *Header) readBuffer(r io.Reader, buf []byte) error {
	have, need := 0, MinHeaderSize
	for {
		n, err := checkedio.ReadFull(r, buf[have:need])
		if err != nil {
			if err == io.EOF && have > 0 {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		have += n
		if need, err = h.Parse(buf[:have]); err != ErrShort {
			return err
		}
	}
}

// ReadFrame reads a frame from r, its payload as it stands on the wire, in
// memory of its own, of at most [DefaultMaxFramePayload] bytes. The errors are
// those of [ReadFrameBuffer].
func ReadFrame(r io.Reader) (Frame, error) {
	return ReadFrameBuffer(r, nil, DefaultMaxFramePayload)
}

// ReadFrameBuffer reads a frame from r. The payload, as it stands on the
// wire, goes into the capacity of buf if it fits, and into a new buffer that
// grows with what arrives if not. A declared length over limit is
// [ErrFrameTooLarge], found before anything is allocated; the header is
// returned with it, so that the caller may go on. A negative limit means
// none but the address space. Else the errors are those of ReadHeader, io.ErrUnexpectedEOF for a
// stream that ends inside the frame, and those of r.
func ReadFrameBuffer(r io.Reader, buf []byte, limit int64) (f Frame, err error) {
	if err = f.Header.read(r); err != nil {
		return Frame{}, err
	}
	if f.Header.Length > math.MaxInt || (limit >= 0 && f.Header.Length > limit) {
		return f, ErrFrameTooLarge
	}
	if f.Payload, err = growread.ReadAppend(buf[:0], r, f.Header.Length, growread.First); err != nil {
		return Frame{}, err
	}
	return f, nil
}
