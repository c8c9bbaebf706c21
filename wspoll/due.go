package wspoll

import (
	"math"
	"time"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/wsproto"
)

// never is a time that does not come.
const never time.Duration = math.MaxInt64

// lingerTime is how long a client is listened to that was refused.
const lingerTime = time.Second

// schedule sets the timer to when something may be due.
func (c *Conn) schedule() {
	if at := c.due(); at != never && !c.gone {
		c.loop.timers.set(c, at)
	}
}

// ring does what is due when the timer has rung, and sets it again.
func (c *Conn) ring() {
	now := c.loop.now
	if c.due() > now {
		c.schedule()
		return
	}
	c.mu.Lock()
	closing, timed := c.out.Sender.Deadline()
	switch {
	case c.opening() != nil:
		c.mu.Unlock()
		c.remove(wsproto.EndedByTimeout, errHandshakeTimeout)
		return
	case c.failed && now >= c.since+wsproto.DefaultCloseTimeout:
		c.mu.Unlock()
		c.remove(wsproto.EndedByTransport, nil)
		return
	case timed && now >= closing:
		c.mu.Unlock()
		c.remove(wsproto.EndedByTimeout, errTimeout("the closing handshake took too long"))
		return
	case c.stalls() <= now:
		c.mu.Unlock()
		c.remove(wsproto.EndedByTimeout, errTimeout("the peer takes nothing of what is sent"))
		return
	}
	c.mu.Unlock()
	if c.resumes() <= now {
		c.mayResume()
	}
	c.lookForPeer()
	c.schedule()
}

// resumes returns when a peer that has sent more than it may is received from again.
func (c *Conn) resumes() time.Duration {
	if c.lent || !c.paused || c.inLine {
		return never
	}
	if p := c.pace(); p != nil {
		if until, ok := p.Until(); ok {
			return until
		}
	}
	return never
}

// due returns when something may be due.
func (c *Conn) due() time.Duration {
	if o := c.opening(); o != nil {
		return o.deadline
	}
	at := c.resumes()
	c.mu.Lock()
	defer c.mu.Unlock()
	at = min(at, c.stalls())
	if closing, timed := c.out.Sender.Deadline(); timed {
		at = min(at, closing)
	}
	if c.failed {
		at = min(at, c.since+wsproto.DefaultCloseTimeout)
	}
	if c.receives() {
		keep := c.loop.server.KeepAlive
		peek := c.alive // a Look that says that a ping is due has it sent
		v, again := peek.Look(keep, c.loop.now)
		if v != endpoint.Fine {
			again = c.loop.now
		}
		if keep.Interval > 0 { // an answer makes the next ping due before the time for it is over
			again = min(again, endpoint.After(c.loop.now, keep.Interval))
		}
		at = min(at, again)
	}
	return at
}

// stalls returns when the peer will have taken nothing for too long. It needs c.mu.
func (c *Conn) stalls() time.Duration {
	if timeout := c.loop.server.set.stallTimeout; c.full && !c.failed && timeout > 0 {
		return endpoint.After(c.since, timeout)
	}
	return never
}

// lookForPeer does what is to be done about a silent peer.
func (c *Conn) lookForPeer() {
	if !c.receives() {
		return
	}
	switch v, _ := c.alive.Look(c.loop.server.KeepAlive, c.loop.now); v {
	case endpoint.PingDue:
		c.Ping(nil)
	case endpoint.Gone:
		c.remove(wsproto.EndedByTimeout, errTimeout("nothing was received for too long"))
	}
}

// receives reports whether messages are received. While a worker has the connection,
// stage is the worker's to read, and messages are received.
func (c *Conn) receives() bool { return c.lent || c.stage == stageOpen }
