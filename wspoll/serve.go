package wspoll

import (
	"io"

	"github.com/wirews/wirews/wsproto"
)

// reported takes what the poller has reported of the connection.
func (c *Conn) reported(what readiness) {
	if what.has(readable) {
		c.alive.Hear(c.loop.now)
	}
	if what.has(writable) {
		c.mu.Lock()
		if c.full {
			c.full = false
			c.flush()
		}
		c.mu.Unlock()
	}
	if c.lent {
		c.late |= what
		return
	}
	c.ready |= what
	c.loop.enqueue(c)
}

// serve gives the connection its turn.
func (c *Conn) serve() {
	switch c.stage {
	case stageRequest:
		c.receiveRequest()
	case stageDecide:
		if c.ready.has(ended) { // nobody waits for the answer
			c.remove(wsproto.EndedByTransport, io.EOF)
		}
	case stageAnswer:
		c.sendAnswer()
	case stageOpen:
		c.serveOpen()
	case stageDrain:
		c.drainInput()
	}
}

func (c *Conn) serveOpen() {
	switch {
	case !c.more && !c.paused && !c.ready.has(readable):
	case c.loop.server.Workers > 0:
		c.lent = true
		c.alive.Rest()
		c.loop.server.workers.submit(c)
	default:
		c.turn()
		c.afterTurn()
	}
}

// run is the turn of a connection that is lent to a worker.
func (c *Conn) run() {
	c.turn()
	c.loop.post(taskBack, c)
}

// back takes the connection from the worker.
func (c *Conn) back() {
	c.lent = false
	c.ready |= c.late
	c.late = 0
	if c.dying {
		c.remove(wsproto.EndedByUs, nil) // for a cause that is known
		return
	}
	c.afterTurn()
}

// afterTurn does what is the loop's after a turn.
func (c *Conn) afterTurn() {
	switch {
	case c.over:
		c.remove(wsproto.EndedByTransport, nil)
	case c.stage == stageDrain:
		c.drainInput()
		c.schedule()
	case c.more || !c.paused && c.ready.has(readable):
		c.loop.enqueue(c)
	case c.paused:
		c.alive.Rest() // the peer's bytes are not looked for
		c.mayResume()
		c.schedule()
	default:
		c.alive.Wait(c.loop.now)
	}
}

// mayResume gives a paused connection a turn, if it has become able to go on since it
// was paused: what makes it so was reported to the loop, which did not have it then.
func (c *Conn) mayResume() {
	ahead := c.ahead()
	c.mu.Lock()
	resume := c.asked || c.failed || !ahead && !c.mustWait()
	c.mu.Unlock()
	if resume {
		c.loop.enqueue(c)
	}
}
