package wspoll

import (
	"errors"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Limits on how many connections there are, on what a peer sends over time, and on what
// connections hold together.

// ErrTooManyConns says that there are as many connections as Server.MaxConns allows.
var ErrTooManyConns = errors.New("wspoll: Server has as many connections as its MaxConns allows")

// tooManyConns is what a client is told about it.
var tooManyConns = &ws.ConnectionRejectedError{
	Status: 503,
	Reason: "too many connections",
	Header: ws.HandshakeHeaderString("Retry-After: 5\r\n"),
	Err:    ErrTooManyConns,
}

// admit counts a connection that MaxConns lets in, and reports false if it does not.
func (s *Server) admit() bool {
	for most := int64(s.MaxConns); ; {
		n := s.admitted.Load()
		if most > 0 && n >= most {
			return false
		}
		if s.admitted.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// dismiss ends that for a connection that is not let in after all, or has ended.
func (c *Conn) dismiss() {
	o := c.opening()
	switch {
	case o != nil && o.admitted:
		o.admitted = false
	case o == nil && (c.opened || c.stage == stageOpen):
	default:
		return
	}
	c.loop.server.admitted.Add(-1)
}

// leastUnderWay is how many handshakes may be under way where MaxConns is small.
const leastUnderWay = 1000

// crowded reports whether so many handshakes are under way that a new connection is
// closed at once.
func (s *Server) crowded() bool {
	return s.MaxConns > 0 && s.Conns()+int(s.encrypted.Load()-s.admitted.Load()) >= max(s.MaxConns, leastUnderWay)
}

// pace returns what holds the peer to Server.Rate, or nil.
func (c *Conn) pace() *endpoint.Pace {
	if c.extra == nil {
		return nil
	}
	return c.extra.pace
}

// limitPace holds the peer to Server.Rate, if there is one.
func (c *Conn) limitPace() {
	if c.loop.server.Rate != (wsproto.Rate{}) {
		c.extras().pace = new(endpoint.Pace)
	}
}

// countPace counts what was received.
func (c *Conn) countPace(messages, bytes int) {
	if p := c.pace(); p != nil {
		p.Count(&c.loop.server.Rate, messages, bytes, c.loop.clock())
	}
}

// ahead reports whether the peer has sent more than it may by now.
func (c *Conn) ahead() bool {
	p := c.pace()
	return p != nil && c.aheadOf(p)
}

func (c *Conn) aheadOf(p *endpoint.Pace) bool {
	until, ok := p.Until()
	if ok && until <= c.loop.clock() {
		p.Waited()
		return false
	}
	return ok
}

// charge has the Server's MessageBudget count what the connection holds of a message. It
// reports false if there is no room for that.
func (c *Conn) charge(size int) bool {
	b := c.loop.server.MessageBudget
	return b == nil || c.rx == nil || c.rx.charge.Set(b, endpoint.Counted(size))
}
