package wsutil

import (
	"io"

	"github.com/wirews/wirews/ws"
)

// ControlWriter writes one control frame from any number of Writes, and keeps
// it within the size that RFC 6455, section 5.5, allows.
type ControlWriter struct {
	w     *Writer
	limit int
	n     int // bytes of the frame so far
}

// NewControlWriter returns a [ControlWriter] with a buffer of its own.
func NewControlWriter(dest io.Writer, state ws.State, op ws.OpCode) *ControlWriter {
	w := NewWriterSize(dest, state, op, ws.MaxControlFramePayloadSize)
	return &ControlWriter{w: w, limit: ws.MaxControlFramePayloadSize}
}

// NewControlWriterBuffer returns a [ControlWriter] with buf as its buffer,
// header included; no more of it is used than the longest control frame needs.
// It panics if buf has no room for a header and one byte.
func NewControlWriterBuffer(dest io.Writer, state ws.State, op ws.OpCode, buf []byte) *ControlWriter {
	most := ws.HeaderSize(ws.Header{Masked: state.ClientSide()}) + ws.MaxControlFramePayloadSize
	w := NewWriterBuffer(dest, state, op, buf[:min(len(buf), most)])
	return &ControlWriter{w: w, limit: w.Size()}
}

// Write appends p to the frame, or nothing with [ErrControlOverflow] if it does
// not fit.
func (c *ControlWriter) Write(p []byte) (n int, err error) {
	if c.n+len(p) > c.limit {
		return 0, ErrControlOverflow
	}
	n, err = c.w.Write(p)
	c.n += n
	return n, err
}

// Flush writes the frame and begins the next one. It does nothing if nothing
// was written, be it zero bytes.
func (c *ControlWriter) Flush() error {
	c.n = 0
	return c.w.Flush()
}
