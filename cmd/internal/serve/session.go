package serve

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

const (
	// keepSize is how much memory for messages that come in pieces a
	// connection keeps between them, in bytes.
	keepSize = 4 << 10

	// lingerTime is how long a closed connection waits for the peer to close
	// its side. RFC 6455, 7.1.1: the server closes first, but in such a way
	// that the peer gets the close frame.
	lingerTime = 5 * time.Second
)

// service is what an endpoint does with a connection. Its methods are called
// by the goroutine that reads, and do not wait for the peer any longer than a
// write to it may take.
type service interface {
	// begin is called before the first message.
	begin()
	// message takes a message, which is valid until it returns.
	message(op ws.OpCode, p []byte) error
	// stop is called once no message comes any more. What runs on goroutines
	// of its own (session.pushing) ends then.
	stop()
}

// session is one WebSocket connection.
type session struct {
	wire
	service   service
	keepalive time.Duration
	pushing   sync.WaitGroup // goroutines that send on their own account

	recv    wsproto.Receiver
	message wsproto.Assembler
	holding holding
	in      inbox

	messages, bytes int64 // received
}

func newSession(s *Server, conn net.Conn, config *wsproto.Config) *session {
	return &session{
		wire:      wire{conn: conn, timeout: s.options.WriteTimeout, vars: &s.vars},
		keepalive: s.options.Keepalive,
		recv:      wsproto.Receiver{Config: config},
		holding:   holding{memory: &s.memory},
	}
}

// compress makes messages go through d, in both directions.
func (c *session) compress(d *wsflate.Deflate) {
	c.deflate = d
	c.recv.Decoder = d
}

// run serves the connection until the peer closes it with that code, or
// something fails.
func (c *session) run() (code ws.StatusCode, err error) {
	c.service.begin()
	code, err = c.converse()
	c.message.Free()
	c.holding.drop()
	c.service.stop()
	if failure := c.failure(); failure != nil {
		err = failure // the reader has seen only what came of it
	}
	c.end(err)
	c.pushing.Wait()
	if c.deflate != nil {
		c.deflate.Close()
	}
	return code, err
}

// converse handles what comes, until the peer closes the connection.
func (c *session) converse() (code ws.StatusCode, err error) {
	defer c.in.release()
	for n := 0; ; {
		b := c.in.room(n)
		if n, err = c.read(b); err != nil {
			return 0, err
		}
		code, err = c.receive(b[:n])
		if ferr := c.flush(); err == nil {
			err = ferr
		}
		if code != 0 || err != nil {
			return code, err
		}
	}
}

// read reads once. A peer that is silent for the time of keepalive is pinged;
// if it stays silent for as long again, it is given up.
func (c *session) read(b []byte) (int, error) {
	for pinged := false; ; pinged = true {
		if c.keepalive > 0 {
			c.conn.SetReadDeadline(time.Now().Add(c.keepalive))
		}
		n, err := c.conn.Read(b)
		if n > 0 {
			return n, nil
		}
		if pinged || !errors.Is(err, os.ErrDeadlineExceeded) {
			if err == io.EOF {
				err = c.recv.EOF()
			}
			return 0, err
		}
		if err := c.send(ws.OpPing, nil); err != nil {
			return 0, err
		}
		if err := c.flush(); err != nil {
			return 0, err
		}
	}
}

// receive handles what b brings. A code other than 0 says that the peer has
// closed the connection with it.
func (c *session) receive(b []byte) (code ws.StatusCode, err error) {
	var room []byte // to inflate into
	if c.deflate != nil {
		lent := buffers.Get().(*[bufferSize]byte)
		defer buffers.Put(lent)
		room = lent[:]
	}
	for err == nil {
		ev, n, rerr := c.recv.Next(b, room)
		if rerr == ws.ErrShort {
			return 0, nil
		}
		if rerr != nil {
			return 0, rerr
		}
		b = b[n:]
		switch ev.Op {
		case ws.OpPing:
			err = c.send(ws.OpPong, ev.Payload)
		case ws.OpClose:
			return ev.Code(), c.answerClose(ev)
		case ws.OpText, ws.OpBinary:
			err = c.collect(ev)
		}
	}
	return 0, err
}

// collect hands on the message that ev completes, if it does.
func (c *session) collect(ev wsproto.Event) error {
	c.bytes += int64(len(ev.Payload))
	if whole := ev.First && ev.Last; !whole {
		if err := c.holding.add(len(ev.Payload)); err != nil {
			return err
		}
	}
	m, done := c.message.Add(ev)
	if !done {
		return nil
	}
	c.messages++
	c.vars.received.count(len(m))
	err := c.service.message(ev.Op, m)
	c.holding.drop()
	if b := c.message.Free(); cap(b) <= keepSize {
		c.message.Use(b)
	}
	return err
}

// answerClose sends the peer's close code back (RFC 6455, section 5.5.1),
// unless its close frame is the answer to ours.
func (c *session) answerClose(ev wsproto.Event) error {
	if err := c.flush(); err != nil {
		return err
	}
	c.close(ev.Code(), string(ev.Reason()))
	return nil
}

// end tells the peer why, if err is its fault, and closes the connection.
func (c *session) end(err error) {
	defer c.conn.Close()
	if err != nil {
		code := wsproto.CloseCode(err)
		if code == ws.StatusAbnormalClosure {
			return // there is nobody to tell
		}
		c.close(code, wsproto.CloseReason(err))
	}
	// A socket that is closed with bytes unread resets the connection, and the
	// close frame with it. So the peer is left to end first, for a while.
	half, ok := c.conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	c.conn.SetReadDeadline(time.Now().Add(lingerTime))
	for {
		if _, err := c.conn.Read(c.in.own[:]); err != nil {
			return
		}
	}
}
