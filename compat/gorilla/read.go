package websocket

import (
	"io"
	"net"
	"time"

	"github.com/wirews/wirews/internal/bufpool"
	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// input is the reading half of a Conn. It belongs to the goroutine that reads.
type input struct {
	receiver wsproto.Receiver
	limit    int64 // 0: none

	size int    // of buf
	buf  []byte // what is received into; nil before the first read
	r, w int    // buf[r:w] has been received and not been looked at

	open   bool            // a message has begun, and its end was not taken
	op     ws.OpCode       // of it
	piece  []byte          // what has come of it and was not taken
	last   bool            // it ends with piece
	room   *bufpool.Buffer // that it is inflated into, if it is compressed
	reader *messageReader  // that has it; nil: nobody

	onPing, onPong func(appData string) error
	onClose        func(code int, text string) error

	err      error // the end: nothing can be read any more
	failures int   // how often a caller was told so
}

func (in *input) init(config *wsproto.Config, size int, early []byte) {
	in.receiver.Config = config
	if in.size = max(size, leastReadBuffer); size <= 0 {
		in.size = defaultBufferSize
	}
	if len(early) > 0 {
		in.buf = make([]byte, max(in.size, len(early)))
		in.w = copy(in.buf, early)
	}
}

// NextReader waits for the next message and returns its type, TextMessage or
// BinaryMessage, and a reader of it. What was not read of the message before is
// dropped, and its reader returns io.EOF from then on. Memory is used for a part
// of the message at a time, whatever its size.
//
// The error is a *CloseError if the peer has sent a close message, or has ended
// the connection without one; ErrReadLimit; a ws.ProtocolError for what breaks
// the protocol; or the error of the net.Conn. It is final: each call returns the
// same from then on, and the thousandth panics, so that a loop that does not end
// is found.
func (c *Conn) NextReader() (messageType int, r io.Reader, err error) {
	in := &c.in
	in.reader = nil
	for in.err == nil && in.open {
		if in.take(len(in.piece)); in.last {
			in.end()
		} else {
			c.advance()
		}
	}
	for in.err == nil && !in.open {
		c.advance()
	}
	if in.err != nil {
		if in.failures++; in.failures >= 1000 {
			panic("websocket: repeated read on failed connection")
		}
		return -1, nil, in.err
	}
	in.reader = &messageReader{c}
	return int(in.op), in.reader, nil
}

// ReadMessage waits for the next message and returns its type and all of it, in
// memory of the caller's. The errors are those of NextReader; with one, there may be
// the beginning of the message.
func (c *Conn) ReadMessage() (messageType int, p []byte, err error) {
	messageType, _, err = c.NextReader()
	if err != nil {
		return messageType, nil, err
	}
	in := &c.in
	p = make([]byte, 0, len(in.piece))
	for {
		p = append(p, in.piece...)
		if in.take(len(in.piece)); in.last {
			in.end()
			return messageType, p, nil
		}
		if c.advance(); in.err != nil {
			return messageType, p, in.err
		}
	}
}

// SetReadDeadline sets the deadline of reading: that of the net.Conn. A read that
// it has ended is the end of reading.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.conn.SetReadDeadline(t) }

// SetReadLimit sets how many bytes a message may have, from the next frame on:
// received, and inflated too if it is compressed, in which case it may be longer
// on its way by an eighth and 64 bytes. A longer one is ErrReadLimit, as soon as
// the peer has announced it, and the peer is sent CloseMessageTooBig. Zero and
// less stand for no limit, as does a connection without a call of it.
func (c *Conn) SetReadLimit(limit int64) {
	in := &c.in
	in.limit = max(limit, 0)
	config := *in.receiver.Config
	if config.Limits = unlimited; limit > 0 {
		config.Limits.Message = limit
	}
	in.receiver.Config = &config
}

// messageReader is what NextReader returns.
type messageReader struct{ c *Conn }

// Read reads from the message. After its end, and once the next message was asked
// for, it returns io.EOF; other errors are those of NextReader.
func (r *messageReader) Read(p []byte) (int, error) {
	in := &r.c.in
	for {
		switch {
		case in.reader != r:
			return 0, io.EOF
		case len(in.piece) > 0:
			return in.take(copy(p, in.piece)), nil
		case in.last:
			in.end()
		case in.err != nil:
			return 0, in.err
		default:
			r.c.advance()
		}
	}
}

// take takes n bytes of the piece.
func (in *input) take(n int) int {
	in.piece = in.piece[n:]
	return n
}

// end ends the message.
func (in *input) end() {
	in.open, in.last, in.reader = false, false, nil
	if in.room != nil {
		in.room.GiveBack()
		in.room = nil
	}
}

// advance waits for the next piece of a message, or handles a control message that
// comes instead. An error is in.err.
func (c *Conn) advance() {
	in := &c.in
	ev, err := c.next()
	switch {
	case err != nil:
		in.err = err
	case ev.Op.IsControl():
		in.err = c.control(ev)
	default:
		in.open, in.op, in.piece, in.last = true, ev.Op, ev.Payload, ev.Last
	}
}

// next returns the next event.
func (c *Conn) next() (wsproto.Event, error) {
	in := &c.in
	for {
		var room []byte
		if in.room != nil {
			room = in.room.B[:cap(in.room.B)]
		}
		ev, n, err := in.receiver.Next(in.buf[in.r:in.w], room)
		in.r += n
		switch err {
		case nil:
			return ev, nil
		case wsproto.ErrRoom:
			in.room = bufpool.Borrow(bufpool.Smallest)
		case ws.ErrShort:
			if err := in.fill(c.conn); err != nil {
				return wsproto.Event{}, err
			}
		default:
			return wsproto.Event{}, c.fault(err)
		}
	}
}

// fill waits for bytes. Those before have been looked at.
func (in *input) fill(conn net.Conn) error {
	if in.buf == nil {
		in.buf = make([]byte, in.size)
	}
	n, err := checkedio.ReadSome(conn, in.buf)
	in.r, in.w = 0, n
	switch {
	case n > 0:
		return nil // if err is not nil, the next read returns it again
	case err == io.EOF:
		return errCut
	}
	return final(err)
}

// fault tells the peer what it has done wrong, and returns what the caller is told.
func (c *Conn) fault(err error) error {
	message := ws.AppendClose(nil, wsproto.CloseCode(err), wsproto.CloseReason(err))
	c.WriteControl(CloseMessage, message, time.Now().Add(writeWait))
	switch err {
	case ws.ErrFrameTooLarge, wsproto.ErrMessageTooLarge:
		return ErrReadLimit
	case ws.ErrHeaderLengthMSB:
		if c.in.limit > 0 {
			return ErrReadLimit
		}
	}
	return err
}
