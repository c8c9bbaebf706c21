package wsutil

import (
	"io"
	"math/bits"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Writer writes a message through a buffer, as the endpoint of its state. What
// does not fit into the buffer leaves as a fragment; Flush ends the message.
// Each frame leaves by one Write, header and payload together. With an Encoder
// the buffer holds what is still to be encoded. A Writer knows nothing of close
// frames: whoever has sent one must not use it any more.
//
// After an error of the destination, the Encoder or an extension, every call
// returns it, until Reset. A Writer must not be used by two goroutines at once;
// see [SharedWriter]. The zero value is not usable.
type Writer struct {
	dest       io.Writer
	op         ws.OpCode
	state      ws.State
	extensions []SendExtension
	sender     wsproto.Sender // of messages that its Encoder does not decline
	asked      bool           // the Encoder has been asked about the message
	noFlush    bool           // grow instead of writing fragments

	raw   []byte // room for a header, then the buffer
	buf   []byte // what of raw is for payload
	n     int    // bytes in buf
	dirty bool   // Flush has something to do, be it an empty frame
	frags int    // fragments of this message that have left
	err   error
}

// NewWriter returns a [Writer] with a buffer of [DefaultWriteBuffer] bytes, header
// included.
func NewWriter(dest io.Writer, state ws.State, op ws.OpCode) *Writer {
	return NewWriterBufferSize(dest, state, op, 0)
}

// NewWriterSize returns a [Writer] for fragments of up to n bytes of payload; of
// NewWriter's size if n is not positive.
func NewWriterSize(dest io.Writer, state ws.State, op ws.OpCode, n int) *Writer {
	if n > 0 {
		n += ws.HeaderSize(ws.Header{Length: int64(n), Masked: state.ClientSide()})
	}
	return NewWriterBufferSize(dest, state, op, n)
}

// NewWriterBufferSize returns a [Writer] with a buffer of n bytes, header
// included; of NewWriter's size if n is not larger than [ws.MinHeaderSize]. It
// panics where [NewWriterBuffer] does.
func NewWriterBufferSize(dest io.Writer, state ws.State, op ws.OpCode, n int) *Writer {
	if n <= ws.MinHeaderSize {
		n = DefaultWriteBuffer
	}
	return NewWriterBuffer(dest, state, op, make([]byte, n))
}

// NewWriterBuffer returns a [Writer] with buf as its buffer, header included. It
// panics if buf has no room for a header and one byte.
func NewWriterBuffer(dest io.Writer, state ws.State, op ws.OpCode, buf []byte) *Writer {
	w := &Writer{raw: buf}
	w.Reset(dest, state, op)
	return w
}

// Reset makes w as new, with the buffer that it has. What it holds is dropped,
// as are its Encoder and extensions, DisableFlush and its error.
func (w *Writer) Reset(dest io.Writer, state ws.State, op ws.OpCode) {
	*w = Writer{dest: dest, state: state, op: op, raw: w.raw}
	offset := headerRoom(state, len(w.raw))
	if len(w.raw) <= offset {
		panic("wsutil: buffer of a Writer is too small for a header and one byte")
	}
	w.buf = w.raw[offset:]
}

// ResetOp drops what w holds and begins a message with another opcode. All
// else stays as it is. If some of the message has left, or was encoded, what
// follows fails with [ErrMessageBegun]: a message that has begun has to end
// before the next one (RFC 6455, section 5.4).
func (w *Writer) ResetOp(op ws.OpCode) {
	w.op, w.n = op, 0
	if !w.begun() {
		w.ended()
	} else if w.err == nil {
		w.err = ErrMessageBegun
	}
}

// SetExtensions sets the extensions that are shown every header.
func (w *Writer) SetExtensions(xs ...SendExtension) { w.extensions = xs }

// DisableFlush makes the buffer grow instead of leaving in fragments: a
// message is one frame then.
func (w *Writer) DisableFlush() { w.noFlush = true }

// Size returns the size of the buffer in bytes, header not included.
func (w *Writer) Size() int { return len(w.buf) }

// Available returns how many bytes the buffer has room for.
func (w *Writer) Available() int { return len(w.buf) - w.n }

// Buffered returns how many bytes the buffer holds.
func (w *Writer) Buffered() int { return w.n }

// Write appends p to the message. Where p does not fit into an empty buffer,
// it leaves as a fragment of its own without being copied there. A full buffer
// does not leave before there is more to write: it may be the whole message.
func (w *Writer) Write(p []byte) (n int, err error) {
	// A message may be empty.
	w.dirty = true
	for len(p) > w.Available() && w.err == nil {
		var k int
		switch {
		case w.noFlush:
			w.Grow(len(p))
			continue
		case w.n == 0:
			k, _ = w.WriteThrough(w.atOnce(p))
		default:
			k = copy(w.buf[w.n:], p)
			w.n += k
			w.FlushFragment()
		}
		n, p = n+k, p[k:]
	}
	if w.err != nil {
		return n, w.err
	}
	w.n += copy(w.buf[w.n:], p)
	return n + len(p), nil
}

// ReadFrom appends all that src yields to the message.
func (w *Writer) ReadFrom(src io.Reader) (n int64, err error) {
	w.dirty = true
	for {
		if w.err != nil {
			return n, w.err
		}
		if w.Available() == 0 {
			if w.noFlush {
				w.Grow(len(w.buf))
			} else {
				w.FlushFragment()
			}
			continue
		}
		k, err := checkedio.ReadSome(src, w.buf[w.n:])
		w.n += k
		n += int64(k)
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

// WriteThrough writes p as a fragment, past the buffer, which must be empty:
// else the error is [ErrNotEmpty]. p stays as it is.
func (w *Writer) WriteThrough(p []byte) (n int, err error) {
	if w.err != nil {
		return 0, w.err
	}
	if w.n != 0 {
		return 0, ErrNotEmpty
	}
	if w.sender.Encoder != nil && w.encodes(false, len(p)) {
		w.err = w.writeEncoded(p, false)
	} else {
		w.err = w.writeThrough(p)
	}
	if w.err != nil {
		return 0, w.err
	}
	w.dirty = true
	return len(p), nil
}

func (w *Writer) writeThrough(p []byte) error {
	h, err := w.header(false, len(p))
	if err != nil {
		return err
	}
	w.frags++
	return writeFrame(w.dest, w.state, h, p)
}

// Flush writes what the buffer holds as the last frame of the message. It does
// nothing if nothing was written since the last one, be it zero bytes.
func (w *Writer) Flush() error {
	if w.err != nil || !w.dirty {
		return w.err
	}
	if w.err = w.flush(true); w.err == nil {
		w.ended()
	}
	return w.err
}

// ended makes w ready for the next message.
func (w *Writer) ended() {
	if w.dirty, w.frags = false, 0; w.asked {
		w.SetEncoder(w.sender.Encoder)
	}
}

// FlushFragment writes what the buffer holds, if anything, as a fragment.
func (w *Writer) FlushFragment() error {
	if w.err != nil || w.n == 0 {
		return w.err
	}
	w.err = w.flush(false)
	return w.err
}

// flush puts the header in front of the payload and writes both.
//
// The frames of an Encoder are made by a Sender, those without one here, where the
// payload lies already: a Sender puts it into other memory, which takes up to
// twice the instructions, and knows neither the bits of extensions nor the control
// frames that a Writer may be made for. FuzzWriterLikeReceiver demands the same
// frames of both.
func (w *Writer) flush(fin bool) error {
	payload := w.buf[:w.n]
	if w.sender.Encoder != nil && w.encodes(fin, len(payload)) {
		w.n = 0
		return w.writeEncoded(payload, fin)
	}
	h, err := w.header(fin, len(payload))
	if err != nil {
		return err
	}
	if w.state.ClientSide() {
		h.Masked, h.Mask = true, ws.NewMask()
		ws.Cipher(payload, h.Mask, 0)
	}
	offset := len(w.raw) - len(w.buf)
	start := offset - ws.HeaderSize(h)
	ws.AppendHeader(w.raw[start:start], h)
	w.n = 0
	w.frags++
	_, err = checkedio.Write(w.dest, w.raw[start:offset+len(payload)])
	return err
}

// header returns the header of the next frame, which is not encoded, as the
// extensions want it.
func (w *Writer) header(fin bool, n int) (ws.Header, error) {
	h := ws.Header{Fin: fin, OpCode: ws.OpContinuation, Length: int64(n)}
	if w.frags == 0 {
		h.OpCode = w.op
	}
	if len(w.extensions) == 0 {
		return h, nil
	}
	return w.extended(h)
}

// extended returns h as the extensions want it.
func (w *Writer) extended(h ws.Header) (_ ws.Header, err error) {
	for _, x := range w.extensions {
		if h, err = x.SetBits(h); err != nil {
			return h, err
		}
	}
	return h, nil
}

// Grow makes room for n more bytes, by moving to a larger buffer if need be.
// Buffers that it makes have a power of two as their size, header included.
func (w *Writer) Grow(n int) {
	if n <= w.Available() {
		return
	}
	size := ceilPowerOfTwo(headerRoom(w.state, len(w.raw)) + w.n + n)
	if size-headerRoom(w.state, size)-w.n < n {
		// The larger buffer needs a longer header.
		size *= 2
	}
	raw := make([]byte, size)
	buf := raw[headerRoom(w.state, size):]
	copy(buf, w.buf[:w.n])
	w.raw, w.buf = raw, buf
}

// ceilPowerOfTwo returns the least power of two that is not less than n.
func ceilPowerOfTwo(n int) int { return 1 << bits.Len(uint(n-1)) }

// headerRoom returns how many bytes of a buffer of n bytes are kept for the
// header of the longest frame that fits after it.
func headerRoom(state ws.State, n int) int {
	room := ws.MinHeaderSize
	if state.ClientSide() {
		room += 4
	}
	switch {
	case n <= 125+room:
		return room
	case n <= 0xffff+room+2:
		return room + 2
	}
	return room + 8
}
