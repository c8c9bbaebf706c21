package connect

import (
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// conn is an open connection: a wsproto.Conn and what carries it. One goroutine
// calls receive, any may call the other methods.
type conn struct {
	net   net.Conn
	hs    ws.Handshake
	begun time.Time

	proto wsproto.Conn // its Receiver is receive's, its Sender is guarded by out.mu
	in    input
	out   output
	alive alive
	end   ending
	pings pings
}

// input is what receive works with.
type input struct {
	room    []byte // to inflate into
	message wsproto.Assembler
}

// output is what is written.
type output struct {
	mu     sync.Mutex // held while a frame is written
	buf    []byte     // to make it in
	failed error      // of a write: a part of a frame may have left, and nothing can follow that
}

// end lets nothing more be written.
func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failed = errEnded
}

// failure returns why nothing more can be written; nil if it can.
func (o *output) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.failed
}

// ending is how the connection is closed.
type ending struct {
	timeout time.Duration // for the server to answer
	ours    atomic.Uint32 // the close code that the user has closed with; 0: not yet
	theirs  closedError   // the server's close frame, once receive has returned
}

// pings are those whose pongs have not come.
type pings struct {
	mu   sync.Mutex
	sent map[string]time.Time // by payload; guarded by mu
}

func newConn(c net.Conn, hs ws.Handshake, o Options) *conn {
	return &conn{
		net: c, hs: hs, begun: time.Now(),
		proto: wsproto.NewConn(&wsproto.Config{
			State: ws.StateClientSide, Limits: o.limits(),
			CloseTimeout: -1, // what comes meanwhile counts too; see awaitAnswer
		}, nil),
		alive: alive{interval: o.PingInterval},
		end:   ending{timeout: o.CloseTimeout},
		pings: pings{sent: make(map[string]time.Time)},
	}
}

// compress makes messages go through d, in both directions.
func (c *conn) compress(d *wsflate.Deflate) {
	c.proto.Decoder, c.proto.Encoder = d, d
	c.in.room = make([]byte, 32<<10)
}

// keptBuf is how much memory to make frames in is kept between them, in bytes.
const keptBuf = 64 << 10

// write writes what a method of the Sender appends, one frame at most.
func (c *conn) write(appended func(dst []byte) ([]byte, error)) error {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	if c.out.failed != nil {
		return c.out.failed
	}
	b, err := appended(c.out.buf[:0])
	if err != nil || len(b) == 0 {
		return err
	}
	_, c.out.failed = c.net.Write(b)
	if _, ours := c.out.failed.(*exit.Error); ours {
		c.net.Close() // receive is not to wait for what the server cannot know of
	}
	if c.out.buf = b; cap(b) > keptBuf {
		c.out.buf = nil
	}
	return c.out.failed
}

// answer writes what the server is to be sent for what was received.
func (c *conn) answer(ev wsproto.Event) error {
	return c.write(func(dst []byte) ([]byte, error) {
		return c.proto.AppendAnswer(dst, ev, nil, time.Since(c.begun)), nil
	})
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
	defer c.out.end()
	defer c.net.Close()
	defer c.keepAlive()()
	buf := make([]byte, 32<<10)
	for {
		n, err := c.net.Read(buf)
		if n > 0 {
			c.alive.heard.Store(int64(time.Since(c.begun)))
			c.awaitAnswer() // what was sent may still be answered for long
			err = c.events(buf[:n], h)
		} else if err == io.EOF {
			err = c.proto.EOF()
		}
		if err == nil {
			continue
		}
		if lost := c.lost(); lost != nil {
			return lost
		}
		if e, ok := c.out.failure().(*exit.Error); ok {
			return e
		}
		if e, ok := err.(*exit.Error); ok {
			c.sendClose(ws.StatusGoingAway, "")
			return e
		}
		if code := wsproto.CloseCode(err); code != ws.StatusAbnormalClosure && code != ws.StatusInternalServerError {
			c.sendClose(code, wsproto.CloseReason(err))
		}
		return endOutcome(err, ws.StatusCode(c.end.ours.Load()))
	}
}

// events handles the events in b.
func (c *conn) events(b []byte, h handler) error {
	for {
		ev, n, err := c.proto.Next(b, c.in.room)
		if err == ws.ErrShort {
			return nil
		}
		if err != nil {
			return err
		}
		b = b[n:]
		switch ev.Op {
		case ws.OpPing:
			err = c.answer(ev)
		case ws.OpPong:
			if c.alive.interval > 0 && string(ev.Payload) == keepAlivePayload {
				break
			}
			took, ok := c.answered(ev.Payload)
			h.pong(ev.Payload, took, ok)
		case ws.OpClose:
			c.sendClose(ev.Code(), string(ev.Reason())) // RFC 6455, 5.5.1: its own code
			c.end.theirs = closedError{ev.Code(), string(ev.Reason())}
			return c.end.theirs
		default:
			if m, done := c.in.message.Add(ev); done {
				err = h.message(ev.Op, m)
			}
		}
		if err != nil {
			return err
		}
	}
}

func (c *conn) send(op ws.OpCode, p []byte) error {
	return c.write(func(dst []byte) ([]byte, error) { return c.proto.AppendMessage(dst, op, p) })
}

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
	c.pings.mu.Lock()
	c.pings.sent[string(p)] = time.Now()
	c.pings.mu.Unlock()
	return c.write(func(dst []byte) ([]byte, error) { return c.proto.AppendPing(dst, p) })
}

func (c *conn) answered(p []byte) (took time.Duration, ok bool) {
	c.pings.mu.Lock()
	defer c.pings.mu.Unlock()
	sent, ok := c.pings.sent[string(p)]
	delete(c.pings.sent, string(p))
	return time.Since(sent), ok
}

// close begins the closing handshake; receive ends when the server has answered,
// or when nothing has come for the time that it has for that.
func (c *conn) close(code ws.StatusCode, reason string) {
	c.end.ours.CompareAndSwap(0, uint32(code))
	c.sendClose(code, reason)
	c.awaitAnswer()
}

// leave closes because the user wants to go: it does not wait for a server that
// goes on sending.
func (c *conn) leave() {
	c.close(ws.StatusGoingAway, "")
	if c.end.timeout > 0 {
		time.AfterFunc(c.end.timeout, func() { c.net.Close() })
	}
}

// awaitAnswer bounds the wait for the answer to our close frame, if we have
// sent one.
func (c *conn) awaitAnswer() {
	if c.end.ours.Load() != 0 && c.end.timeout > 0 {
		c.net.SetReadDeadline(time.Now().Add(c.end.timeout))
	}
}

// sendClose sends a close frame, if none was sent yet. That it cannot be sent
// shows when reading.
func (c *conn) sendClose(code ws.StatusCode, reason string) {
	// A message that the server does not take must not hold it up for ever.
	c.net.SetWriteDeadline(time.Now().Add(max(c.end.timeout, time.Second)))
	c.write(func(dst []byte) ([]byte, error) {
		return c.proto.AppendClose(dst, code, reason, time.Since(c.begun))
	})
}
