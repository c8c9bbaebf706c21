//go:build linux

package main

import (
	"io"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wirews/wirews/examples/epoll/internal/poll"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// conn is a connection. While it waits for its peer it holds no buffer, except for
// a request or a message that has begun.
type conn struct {
	fd       int
	watched  uint32    // what the poller watches fd for
	deadline time.Time // zero: none

	request *request // until the handshake is done
	proto   wsproto.Conn
	message wsproto.Assembler

	out   []byte // what the socket has not taken yet
	last  bool   // nothing follows out; what comes in is ignored
	ended bool   // the peer has closed its side
	shut  bool   // we have closed ours
}

// request is what is needed only until it is answered.
type request struct {
	handshake ws.ServerHandshake
	head      []byte
}

// serve does what ev lets c do.
func (s *Server) serve(c *conn, ev poll.Event, now time.Time) {
	var err error
	if ev.Out && len(c.out) > 0 {
		err = s.flush(c, c.out, now)
	}
	// A peer that does not read is not read from: what waits in c.out is bounded by
	// what one read and one message can bring.
	if err == nil && ev.In && len(c.out) == 0 && !c.ended {
		err = s.read(c, now)
	}
	if err == nil {
		err = s.settle(c, now)
	}
	if err != nil {
		s.drop(c)
	}
}

// read reads once: whoever has more is reported again, after the others.
func (s *Server) read(c *conn, now time.Time) error {
	n, err := poll.Read(c.fd, s.in)
	switch {
	case err == poll.Again:
		return nil
	case err == io.EOF:
		c.ended, c.last = true, true
		return nil
	case err != nil:
		return err
	case c.last:
		return nil
	}
	out := c.receive(s.out[:0], s.in[:n])
	if c.request == nil && !c.last && !c.deadline.IsZero() {
		c.deadline = time.Time{} // of the handshake
	}
	return s.flush(c, out, now)
}

// flush writes b, which is s.out's memory or c.out. What the socket does not
// take, c keeps, with the memory it is in.
func (s *Server) flush(c *conn, b []byte, now time.Time) error {
	before := len(b)
	rest, err := poll.Write(c.fd, b)
	if err != nil && err != poll.Again {
		return err
	}
	fresh := len(c.out) == 0
	c.out = rest
	switch {
	case len(rest) > 0:
		if fresh {
			s.out = nil
		}
		if fresh || len(rest) < before {
			c.deadline = now.Add(s.options.Stall)
		}
	case fresh && cap(b) <= keepSize:
		s.out = b
	case !fresh:
		c.deadline = time.Time{}
	}
	return nil
}

// settle closes what can be closed and has the poller watch for what c waits
// for. The error is io.EOF if there is nothing left to wait for.
func (s *Server) settle(c *conn, now time.Time) error {
	if c.last && len(c.out) == 0 {
		if c.ended {
			return io.EOF
		}
		// A socket that is closed with bytes unread resets the connection,
		// and the close frame may be lost with it. So our side is closed
		// first (RFC 6455, 7.1.1), and the peer's is waited for.
		if !c.shut {
			c.shut = true
			c.deadline = now.Add(s.options.Linger)
			if err := unix.Shutdown(c.fd, unix.SHUT_WR); err != nil {
				return err
			}
		}
	}
	want := uint32(poll.In)
	if len(c.out) > 0 {
		want = poll.Out
	}
	if want == c.watched {
		return nil
	}
	c.watched = want
	return s.poller.Change(c.fd, want)
}
