package wsutil

import (
	"fmt"
	"io"
	"net"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/earlyconn"
	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// DefaultStreamBuffer is the size in bytes of the buffer in which a Stream waits
// on a connection that does not lend its descriptor.
const DefaultStreamBuffer = 16 << 10

// streamCopy is the longest payload that is copied after the frames that wait,
// where a writev(2) could take it as it lies.
const streamCopy = 4 << 10

// Stream is a connection whose messages go through buffers: all frames that
// one Read brings are handled before the next, and what they are answered
// with leaves by one Write, when nothing is left to handle. That is where
// pipelined traffic gains a factor of ten over a Write for each message.
//
// It answers control frames, applies the rules and limits of wsproto, and
// sends the peer a close frame when it breaks one. When it has returned an
// error, [End] is what ends the connection. A Stream must not be used by two
// goroutines at once; [NewStream] makes one.
type Stream struct {
	conn   io.ReadWriter
	config wsproto.Config
	in     source
	out    endpoint.Outbox
	err    error
	lost   error // of a write: a part of a frame may have left, and nothing can follow

	vectors [2][]byte
	buffers net.Buffers
}

// NewStream returns a [Stream] over conn as the endpoint s. The limits are those of
// [SetMaxMessageSize] and [SetMaxFrameSize] as they are now.
//
// On a *net.TCPConn and a *net.UnixConn of a Unix system, a Stream that waits for
// a message has no buffer, and size does not matter. Any other conn is read into
// a buffer of size bytes, which the Stream keeps: [DefaultStreamBuffer] if size is
// not positive, and 4 KiB at least. A message that does not fit borrows a larger
// one.
func NewStream(conn io.ReadWriter, s ws.State, size int) *Stream {
	c := &Stream{
		conn:   conn,
		config: wsproto.Config{State: s & (ws.StateServerSide | ws.StateClientSide), Limits: helperLimits(), SkipUTF8: !CheckUTF8()},
	}
	c.in.init(conn, size)
	c.in.box.Receiver.Config = &c.config
	c.out.Sender.Config = &c.config
	return c
}

// SetExtension makes messages go through x, which the handshake has agreed on:
// ReadMessage returns them decoded, and WriteMessage encodes what x does not
// decline. The limit on messages holds on the wire and for what is decoded. It
// is to be called before the first message; nil stands for no extension, and so
// does a nil *wsflate.Deflate.
func (c *Stream) SetExtension(x wsproto.Extension) {
	c.in.box.Receiver.Decoder, c.out.Sender.Encoder = nil, nil
	if x != nil {
		c.in.box.Receiver.Decoder, c.out.Sender.Encoder = x, x
	}
}

// ReadMessage returns the next message. p is valid until the next call of
// ReadMessage. Before it waits for the peer, it writes what WriteMessage and
// the answers to control frames have left to be written.
//
// The error is io.EOF if the connection ended between messages,
// io.ErrUnexpectedEOF inside one, a [ClosedError] if the peer closed, a
// [ws.ProtocolError] or [ws.LimitError] if it broke a rule; these are returned from
// then on, as are errors of writing. An error of reading, such as a passed
// deadline, is not kept: ReadMessage can be called again.
func (c *Stream) ReadMessage() (p []byte, op ws.OpCode, err error) {
	for c.err == nil {
		ev, ok, err := c.in.box.Message()
		switch {
		case err != nil:
			c.fail(overLimit(err))
		case ok && !ev.Op.IsControl():
			return ev.Payload, ev.Op, nil
		case ok:
			c.control(ev)
		case c.in.box.Dry():
			if err = c.receive(); err != nil && c.err == nil {
				return nil, 0, err
			}
		}
	}
	c.in.box.Free() // nothing more is received
	return nil, 0, c.err
}

// receive writes what waits and then reads once.
func (c *Stream) receive() error {
	if err := c.Flush(); err != nil {
		return err
	}
	err := c.in.read()
	if err == io.EOF {
		err = c.in.box.Receiver.EOF()
		c.err = err
	}
	if _, lost := err.(*ws.CountError); lost {
		c.err = err // nobody knows how many bytes are missing
	}
	return err
}

// control answers a control frame.
func (c *Stream) control(ev wsproto.Event) {
	c.out.Answer(ev, nil, 0)
	if ev.Op == ws.OpClose {
		closed := ClosedError{Code: ev.Code(), Reason: string(ev.Reason())}
		c.err = closed.beside(c.Flush())
		return
	}
	if c.out.Due(endpoint.HoldBatch) {
		c.Flush()
	}
}

// fail tells the peer which rule it has broken, or that we have failed.
func (c *Stream) fail(err error) {
	c.out.Answer(wsproto.Event{}, err, 0)
	c.Flush()
	c.err = err
}

// WriteMessage writes a message in one frame, masked if this is a client; p
// stays as it is. It leaves with what else waits: when ReadMessage has nothing
// left to handle, at 62 KiB, or by Flush. op may be that of a control frame too,
// and a close frame is what Close sends. The error is one of the connection or of
// the extension, and is returned from then on; net.ErrClosed after a close frame;
// or one of op and p, after which the [Stream] can be used.
func (c *Stream) WriteMessage(op ws.OpCode, p []byte) error {
	if c.err != nil {
		return c.err
	}
	if op.IsControl() {
		return c.writeControl(op, p)
	}
	if len(p) > streamCopy && c.takesVectors() {
		return c.writeVectors(op, p)
	}
	if err := c.out.Message(op, p); err != nil {
		return c.refused(err)
	}
	if c.out.Due(endpoint.HoldBatch) {
		return c.Flush()
	}
	return nil
}

// writeControl is WriteMessage for a control frame.
func (c *Stream) writeControl(op ws.OpCode, p []byte) error {
	var err error
	switch op {
	case ws.OpPing:
		err = c.out.Ping(p)
	case ws.OpPong:
		err = c.out.Pong(p)
	case ws.OpClose:
		code, reason, fault := ws.ParseClose(p)
		if err = fault; err == nil {
			err = c.out.Close(code, string(reason), 0)
		}
	default:
		err = wsproto.ErrMessageOpCode
	}
	if err != nil {
		return c.refused(err)
	}
	if c.out.Due(endpoint.HoldBatch) {
		return c.Flush()
	}
	return nil
}

// refused says what an error of the Outbox means. After one of the Encoder the
// message cannot be sent in another way: the Encoder may have taken it for what
// the next may refer to.
func (c *Stream) refused(err error) error {
	switch {
	case err == wsproto.ErrClosed:
		return net.ErrClosed
	case err == wsproto.ErrControlTooLong:
		return ErrControlOverflow
	case c.out.Sender.Err() != nil:
		c.fail(err)
	}
	return err
}

// Close sends a close frame, if none was sent yet, after what waits. The peer
// answers with its own, which ReadMessage returns as a [ClosedError]; then call
// [End]. A code of 0 sends a close frame without one; one that cannot be sent is an
// error of [ws.CheckCloseFrameData], and nothing has happened.
func (c *Stream) Close(code ws.StatusCode, reason string) error {
	if c.lost != nil {
		return c.lost
	}
	if err := c.out.Close(code, reason, 0); err != nil && err != wsproto.ErrClosed {
		return fmt.Errorf("wsutil: close code %d cannot be sent: %w", code, err)
	}
	return c.Flush()
}

// Flush writes what waits. Only a program that writes without reading needs it.
func (c *Stream) Flush() error {
	if c.lost != nil {
		return c.lost
	}
	if c.out.Len() == 0 {
		return nil
	}
	_, err := checkedio.Write(c.conn, c.out.Pending())
	return c.written(err)
}

// takesVectors reports whether a payload may be written as it lies.
func (c *Stream) takesVectors() bool {
	return !c.config.State.ClientSide() && c.out.Sender.Encoder == nil && earlyconn.TakesVectors(c.conn)
}

// writeVectors writes what waits and the message p after it.
func (c *Stream) writeVectors(op ws.OpCode, p []byte) error {
	if err := c.out.Head(op, len(p)); err != nil {
		return c.refused(err)
	}
	c.vectors = [2][]byte{c.out.Pending(), p}
	c.buffers = c.vectors[:]
	_, err := c.buffers.WriteTo(c.conn)
	c.vectors = [2][]byte{}
	return c.written(err)
}

// written keeps the error of a write: a part of a frame may have left.
func (c *Stream) written(err error) error {
	if err == nil {
		c.out.Written(c.out.Len())
		return nil
	}
	c.out.Drop()
	c.lost = err
	if c.err == nil {
		c.err = err
	}
	return err
}
