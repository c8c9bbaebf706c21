package messageconn

import (
	"errors"
	"net"
	"os"
	"time"
	"unicode/utf8"

	"github.com/wirews/wirews/internal/bufpool"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// MaxBuffered is how many bytes may be on their way for more to be handed over. As much
// can leave between two looks of an idle program, which browsers allow every four
// milliseconds, at 250 MB/s.
const MaxBuffered = 1 << 20

// How often a Write that waits looks whether it may go on: soon at first, and less often
// later.
const (
	firstLook = time.Millisecond
	lastLook  = 32 * time.Millisecond
)

// ErrText says that a message of text is not UTF-8.
var ErrText = errors.New("a message of text is not UTF-8, and a web page cannot send it; send bytes as MessageBinary")

var errEnded = errors.New("the connection has ended")

// outgoing is what has been written and not been handed over.
type outgoing struct {
	frames  wsproto.FrameReader
	op      ws.OpCode // of message
	message []byte    // whose last frame is still to come
	control []byte    // payload of a control frame
	closing bool      // the close frame has been handed over, and nothing comes after it
}

// Write takes frames of a client. It takes all of p, or nothing: then err is a deadline's,
// or the end of the socket.
func (c *Conn) Write(p []byte) (int, error) {
	if c.out.closing || len(p) == 0 {
		return len(p), nil
	}
	if err := c.awaitRoom(c.out.beginsClose(p)); err != nil {
		return 0, err
	}
	b := bufpool.Borrow(len(p)) // p is unmasked, and not ours
	defer b.GiveBack()
	b.B = append(b.B, p...)
	for n := 0; n < len(p) && !c.out.closing; {
		piece, k, err := c.out.frames.Next(b.B[n:])
		n += k
		if err == nil {
			err = c.forward(piece)
		}
		if err != nil && err != ws.ErrShort {
			return n, err
		}
	}
	return len(p), nil
}

// beginsClose reports whether p begins with a close frame, which the socket takes at
// any time.
func (o *outgoing) beginsClose(p []byte) bool {
	return !o.frames.Inside() && ws.OpCode(p[0]&0x0f) == ws.OpClose
}

// awaitRoom waits until the socket may be given more.
func (c *Conn) awaitRoom(closing bool) error {
	for pause := firstLook; ; pause = min(2*pause, lastLook) {
		news, err := c.room(closing)
		if news == nil {
			return err
		}
		look := time.AfterFunc(pause, c.tell)
		err = c.writing.Wait(news)
		look.Stop()
		if err != nil {
			return err
		}
	}
}

// room returns nil if there is room, and otherwise a channel that is closed when that
// may have changed.
func (c *Conn) room(closing bool) (news <-chan struct{}, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return nil, net.ErrClosed
	case closing:
		return nil, nil
	case c.in.end != nil:
		return nil, errEnded
	case c.writing.Passed():
		return nil, os.ErrDeadlineExceeded
	case c.socket.Buffered() > MaxBuffered:
		return c.wait(), nil
	}
	return nil, nil
}

// forward hands over what is complete with a piece of a frame.
func (c *Conn) forward(piece wsproto.Piece) error {
	o, h, p, last := &c.out, piece.Header, piece.Payload, piece.Remaining() == 0
	if h.OpCode.IsControl() {
		if o.control = append(o.control, p...); !last {
			return nil
		}
		p, o.control = o.control, nil
		return c.forwardControl(h.OpCode, p)
	}
	if h.OpCode != ws.OpContinuation {
		o.op = h.OpCode
	}
	if last = last && h.Fin; !last || len(o.message) > 0 {
		o.message = append(o.message, p...)
		p = o.message
	}
	if !last {
		return nil
	}
	o.message = nil
	err := ErrText
	if o.op == ws.OpBinary || utf8.Valid(p) {
		err = c.socket.Send(o.op, p)
	}
	if err != nil {
		c.forwardClose(ws.StatusNoStatusRcvd, "") // nothing can be sent after half of what was written
	}
	return err
}

func (c *Conn) forwardControl(op ws.OpCode, p []byte) error {
	if op != ws.OpClose {
		return errPing
	}
	code, reason, err := ws.ParseClose(p)
	if err != nil {
		return err
	}
	if c.CheckClose(code) != nil {
		code, reason = ws.StatusNoStatusRcvd, nil
	}
	c.forwardClose(code, string(reason))
	return nil
}

func (c *Conn) forwardClose(code ws.StatusCode, reason string) {
	c.out.closing = true
	c.socket.Close(code, reason)
}
