package wspoll

import (
	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/wsproto"
)

// Limits on what a peer sends over time, and on what connections hold together.

// pace returns what holds the peer to Server.Rate, or nil.
func (c *Conn) pace() *endpoint.Pace {
	if c.extra == nil {
		return nil
	}
	return c.extra.pace
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

// freeMessage is how many bytes of a message are not counted in a MessageBudget: a
// connection that is busy has buffers as large anyway.
const freeMessage = 64 << 10

// charge has the Server's MessageBudget count what the connection holds of a message. It
// reports false if there is no room for that.
func (c *Conn) charge(size int) bool {
	b := c.loop.server.MessageBudget
	return b == nil || c.rx == nil || c.rx.charge(b, size)
}

func (rx *receiving) charge(b *wsproto.Budget, size int) bool {
	if size <= freeMessage {
		size = 0
	}
	more := int64(size - rx.charged)
	switch {
	case more == 0:
		return true
	case more < 0:
		b.Add(more)
	case !b.Take(more):
		return false
	}
	rx.charged = size
	return true
}
