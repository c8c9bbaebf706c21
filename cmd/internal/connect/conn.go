package connect

import (
	"fmt"
	"io"
	"net"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// conn is an open connection. One goroutine calls receive, any may call the
// other methods.
type conn struct {
	net          net.Conn
	hs           ws.Handshake
	out          *wsutil.SharedWriter
	closeTimeout time.Duration

	recv    wsproto.Receiver
	room    []byte // to inflate into
	message wsproto.Assembler
	theirs  closedError // the server's close frame, once receive has returned

	mu    sync.Mutex
	ours  ws.StatusCode // that we have closed with; 0: not yet
	shut  bool          // a close frame was sent
	pings map[string]time.Time
}

func newConn(c net.Conn, hs ws.Handshake, o Options) *conn {
	return &conn{
		net: c, hs: hs,
		out:          wsutil.NewSharedWriter(c, ws.StateClientSide),
		closeTimeout: o.CloseTimeout,
		recv:         wsproto.Receiver{Config: &wsproto.Config{State: ws.StateClientSide, Limits: o.limits()}},
		pings:        make(map[string]time.Time),
	}
}

// compress makes messages go through d, in both directions.
func (c *conn) compress(d *wsflate.Deflate) {
	c.recv.Decoder = d
	c.room = make([]byte, 32<<10)
	c.out.SetEncoder(d)
}

// handler is told what comes.
type handler interface {
	// message is given a message, which is valid until it returns. An error
	// ends the conversation as one of the user of the command.
	message(op ws.OpCode, p []byte) error
	// pong is given the payload of a pong, and the time that it took if it
	// answers a ping.
	pong(p []byte, took time.Duration, answers bool)
}

// receive hands on what comes until the connection has ended, and closes it.
// The error is nil if it was closed cleanly.
func (c *conn) receive(h handler) error {
	defer c.net.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := c.net.Read(buf)
		if n > 0 {
			c.awaitAnswer() // what was sent may still be answered for long
			err = c.events(buf[:n], h)
		} else if err == io.EOF {
			err = c.recv.EOF()
		}
		if err == nil {
			continue
		}
		if e, ok := err.(*Error); ok {
			c.sendClose(ws.StatusGoingAway, "")
			return e
		}
		if code := wsproto.CloseCode(err); code != ws.StatusAbnormalClosure && code != ws.StatusInternalServerError {
			c.sendClose(code, wsproto.CloseReason(err))
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		return endOutcome(err, c.ours)
	}
}

// events handles the events in b.
func (c *conn) events(b []byte, h handler) error {
	for {
		ev, n, err := c.recv.Next(b, c.room)
		if err == ws.ErrShort {
			return nil
		}
		if err != nil {
			return err
		}
		b = b[n:]
		switch ev.Op {
		case ws.OpPing:
			err = c.out.WriteControl(ws.OpPong, ev.Payload)
		case ws.OpPong:
			took, ok := c.answered(ev.Payload)
			h.pong(ev.Payload, took, ok)
		case ws.OpClose:
			c.sendClose(ev.Code(), string(ev.Reason()))
			c.theirs = closedError{ev.Code(), string(ev.Reason())}
			return c.theirs
		default:
			if m, done := c.message.Add(ev); done {
				err = h.message(ev.Op, m)
			}
		}
		if err != nil {
			return err
		}
	}
}

func (c *conn) send(op ws.OpCode, p []byte) error { return c.out.WriteMessage(op, p) }

// notUTF8 is a text that RFC 6455, 5.6, does not let anybody send.
type notUTF8 struct {
	at      int // offset of the first byte that is wrong
	b       byte
	instead string // what sends it all the same
}

func (e *notUTF8) Error() string {
	return fmt.Sprintf("this is no text, because it is not UTF-8: byte 0x%02x at offset %d; %s sends it as a binary message", e.b, e.at, e.instead)
}

// checkText returns nil if p may be sent as a text.
func checkText(p []byte, instead string) error {
	for at := 0; at < len(p); {
		r, n := utf8.DecodeRune(p[at:])
		if r == utf8.RuneError && n == 1 {
			return &notUTF8{at, p[at], instead}
		}
		at += n
	}
	return nil
}

// ping sends a ping whose pong will be given with the time that it took.
func (c *conn) ping(p []byte) error {
	c.mu.Lock()
	c.pings[string(p)] = time.Now()
	c.mu.Unlock()
	return c.out.WriteControl(ws.OpPing, p)
}

func (c *conn) answered(p []byte) (took time.Duration, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	sent, ok := c.pings[string(p)]
	delete(c.pings, string(p))
	return time.Since(sent), ok
}

// close begins the closing handshake; receive ends when the server has answered,
// or when nothing has come for the time that it has for that.
func (c *conn) close(code ws.StatusCode, reason string) {
	c.mu.Lock()
	if c.ours == 0 {
		c.ours = code
	}
	c.mu.Unlock()
	c.sendClose(code, reason)
	c.awaitAnswer()
}

// leave closes because the user wants to go: it does not wait for a server that
// goes on sending.
func (c *conn) leave() {
	c.close(ws.StatusGoingAway, "")
	if c.closeTimeout > 0 {
		time.AfterFunc(c.closeTimeout, func() { c.net.Close() })
	}
}

// awaitAnswer bounds the wait for the answer to our close frame, if we have
// sent one.
func (c *conn) awaitAnswer() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ours != 0 && c.closeTimeout > 0 {
		c.net.SetReadDeadline(time.Now().Add(c.closeTimeout))
	}
}

// sendClose sends a close frame, if none was sent yet. That it cannot be sent
// shows when reading.
func (c *conn) sendClose(code ws.StatusCode, reason string) {
	c.mu.Lock()
	sent := c.shut
	c.shut = true
	c.mu.Unlock()
	if !sent {
		c.net.SetWriteDeadline(time.Now().Add(max(c.closeTimeout, time.Second)))
		c.out.WriteControl(ws.OpClose, ws.AppendClose(nil, code, reason))
	}
}
