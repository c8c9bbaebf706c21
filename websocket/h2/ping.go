package h2

import (
	"time"
)

// pinger finds out whether the server is still there. Whatever arrives shows that it
// is; after a while of silence a PING asks for something.
type pinger struct {
	timer *time.Timer // nil: it does not
	heard time.Time   // when something has arrived last
	asked bool        // a PING is under way
}

func (p *pinger) begin(c *conn) {
	p.heard = time.Now()
	if c.s.pingAfter > 0 {
		p.timer = time.AfterFunc(c.s.pingAfter, c.listen)
	}
}

func (p *pinger) hear() { p.heard, p.asked = time.Now(), false }

func (p *pinger) stop() {
	if p.timer != nil {
		p.timer.Stop()
	}
}

// listen is called when the server may have been silent for too long.
func (c *conn) listen() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	p := &c.ping
	limit := c.s.pingAfter
	if p.asked {
		limit += c.s.pingTimeout
	}
	switch left := limit - time.Since(p.heard); {
	case left > 0:
		p.timer.Reset(left)
	case p.asked:
		c.lose(errPingTimeout)
	default:
		p.asked = true
		c.framer.WritePing(false, [8]byte{'w', 'i', 'r', 'e', 'w', 's'})
		p.timer.Reset(c.s.pingTimeout)
	}
}
