package wsutil

import (
	"fmt"
	"io"
	"net"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/earlyconn"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

const (
	// DefaultStreamBuffer is the size in bytes of the buffer that a Stream
	// reads into.
	DefaultStreamBuffer = 16 << 10

	// streamFlush is how many bytes wait to be written, at most, before they
	// are.
	streamFlush = 64 << 10

	// streamCopy is the longest payload that is copied behind the frames that
	// wait, where a writev(2) could take it as it lies.
	streamCopy = 4 << 10
)

// Stream is a connection whose messages go through buffers: all frames that
// one Read brings are handled before the next, and what they are answered
// with leaves by one Write, when nothing is left to handle. That is where
// pipelined traffic gains a factor of ten over a Write for each message.
//
// It answers control frames, applies the rules and limits of wsproto, and
// sends the peer a close frame when it breaks one. When it has returned an
// error, End is what ends the connection. A Stream must not be used by two
// goroutines at once; NewStream makes one.
type Stream struct {
	conn   io.ReadWriter
	config wsproto.Config
	recv   wsproto.Receiver
	in     inbox
	out    []byte
	closed bool // a close frame has been written, or is in out
	err    error

	decoder noted
	plain   plainbox
	encoder wsproto.Encoder

	vectors [2][]byte
	buffers net.Buffers
}

// NewStream returns a Stream over conn as the endpoint s, with a buffer of
// size bytes to read into; DefaultStreamBuffer if size is not positive. The
// limits are those of SetMaxMessageSize and SetMaxFrameSize as they are now.
func NewStream(conn io.ReadWriter, s ws.State, size int) *Stream {
	if size <= 0 {
		size = DefaultStreamBuffer
	}
	c := &Stream{
		conn:   conn,
		config: wsproto.Config{State: s & (ws.StateServerSide | ws.StateClientSide), Limits: helperLimits(), SkipUTF8: !CheckUTF8()},
		in:     newInbox(size),
	}
	c.recv.Config = &c.config
	return c
}

// ReadMessage returns the next message. p is valid until the next call of
// ReadMessage. Before it waits for the peer, it writes what WriteMessage and
// the answers to control frames have left to be written.
//
// The error is io.EOF if the connection ended between messages,
// io.ErrUnexpectedEOF inside one, a ClosedError if the peer closed, a
// ws.ProtocolError or ws.LimitError if it broke a rule; these are returned from
// then on, as are errors of writing. An error of reading, such as a passed
// deadline, is not kept: ReadMessage can be called again.
func (c *Stream) ReadMessage() (p []byte, op ws.OpCode, err error) {
	if c.plain.whole {
		c.plain.forget()
	}
	for c.err == nil {
		ev, n, err := c.recv.Next(c.in.unread(), c.plain.room())
		c.in.consume(n)
		switch {
		case err == ws.ErrShort:
			if err = c.fill(); err != nil {
				return nil, 0, err
			}
		case err != nil:
			c.refused(err)
		case ev.Op.IsControl():
			c.control(ev)
		default:
			if m, done := c.collect(ev); done {
				return m, ev.Op, nil
			}
		}
	}
	return nil, 0, c.err
}

// collect takes a piece of a message.
func (c *Stream) collect(ev wsproto.Event) (message []byte, done bool) {
	if c.decoder.decodes {
		return c.plain.collect(ev)
	}
	return c.in.collect(ev)
}

// fill writes what waits and then reads once.
func (c *Stream) fill() error {
	if err := c.Flush(); err != nil {
		return err
	}
	err := c.in.read(c.conn)
	if err == io.EOF {
		err = c.recv.EOF()
		c.err = err
	}
	if _, lost := err.(*ws.CountError); lost {
		c.err = err // nobody knows how many bytes are missing
	}
	return err
}

// control answers a control frame.
func (c *Stream) control(ev wsproto.Event) {
	switch ev.Op {
	case ws.OpPing:
		c.append(ws.Header{Fin: true, OpCode: ws.OpPong}, ev.Payload)
	case ws.OpClose:
		c.close(ev.Code(), "")
		closed := ClosedError{Code: ev.Code(), Reason: string(ev.Reason())}
		c.err = closed.beside(c.Flush())
	}
}

// refused deals with what is no event: a lack of room, or a fault.
func (c *Stream) refused(err error) {
	if err == wsproto.ErrRoom {
		c.plain.grow(limitOf(c.config.Limits.Message))
		return
	}
	c.fail(overLimit(err))
}

// fail tells the peer which rule it has broken.
func (c *Stream) fail(err error) {
	c.close(wsproto.CloseCode(err), wsproto.CloseReason(err))
	c.Flush()
	c.err = err
}

// WriteMessage writes a message in one frame, masked if this is a client; p
// stays as it is. It leaves with what else waits: when ReadMessage has nothing
// left to handle, at 64 KiB, or by Flush. The error is one of the connection,
// and is returned from then on, or net.ErrClosed behind a close frame.
func (c *Stream) WriteMessage(op ws.OpCode, p []byte) error {
	if c.err != nil {
		return c.err
	}
	if c.closed {
		return net.ErrClosed
	}
	h := ws.Header{Fin: true, OpCode: op}
	if c.encoder != nil {
		if h.Rsv = beginEncode(c.encoder, op, int64(len(p))); h.Rsv != 0 {
			return c.writeEncoded(h, p)
		}
	}
	if len(p) > streamCopy && !c.config.State.ClientSide() && earlyconn.TakesVectors(c.conn) {
		h.Length = int64(len(p))
		c.out = ws.AppendHeader(c.out, h)
		return c.writeVectors(p)
	}
	c.append(h, p)
	return c.flushIfLong()
}

func (c *Stream) flushIfLong() error {
	if len(c.out) < streamFlush {
		return nil
	}
	return c.Flush()
}

// append appends a frame to what waits.
func (c *Stream) append(h ws.Header, p []byte) {
	if c.closed {
		return
	}
	h.Length = int64(len(p))
	if !c.config.State.ClientSide() {
		c.out = append(ws.AppendHeader(c.out, h), p...)
		return
	}
	h.Masked, h.Mask = true, ws.NewMask()
	c.out = ws.AppendCipher(ws.AppendHeader(c.out, h), p, h.Mask, 0)
}

// Flush writes what waits. Only who writes without reading needs it.
func (c *Stream) Flush() error {
	if len(c.out) == 0 {
		return nil
	}
	_, err := checkedio.Write(c.conn, c.out)
	return c.written(err)
}

// writeVectors writes what waits and p behind it.
func (c *Stream) writeVectors(p []byte) error {
	c.vectors = [2][]byte{c.out, p}
	c.buffers = c.vectors[:]
	_, err := c.buffers.WriteTo(c.conn)
	c.vectors = [2][]byte{}
	return c.written(err)
}

// written keeps the error of a write: a part of a frame may have left.
func (c *Stream) written(err error) error {
	if c.out = c.out[:0]; cap(c.out) > 2*streamFlush {
		c.out = nil
	}
	if err != nil && c.err == nil {
		c.err = err
	}
	return err
}

// Close sends a close frame, if none was sent yet, behind what waits. The peer
// answers with its own, which ReadMessage returns as a ClosedError; then call
// End. A code of 0 sends a close frame without one; one that cannot be sent is an
// error of ws.CheckCloseFrameData, and nothing has happened.
func (c *Stream) Close(code ws.StatusCode, reason string) error {
	if code != 0 && code != ws.StatusNoStatusRcvd {
		if err := ws.CheckCloseFrameData(code, ""); err != nil {
			return fmt.Errorf("wsutil: close code %d cannot be sent: %w", code, err)
		}
	}
	c.close(code, reason)
	return c.Flush()
}

func (c *Stream) close(code ws.StatusCode, reason string) {
	var body [ws.MaxControlFramePayloadSize]byte
	c.append(ws.Header{Fin: true, OpCode: ws.OpClose}, ws.AppendClose(body[:0], code, reason))
	c.closed = true
}
