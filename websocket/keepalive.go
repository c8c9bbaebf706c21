package websocket

import (
	"context"
	"os"
	"time"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// KeepAlive finds out whether a silent peer is still there. Any received byte is
// a sign of life; silence counts only while a read is waiting, in Read, Reader,
// Serve or CloseRead. A peer that is gone ends the connection, by [EndedByTimeout].
// Its fields are those of [wsproto.KeepAlive]: Interval, and Timeout, which is as
// Interval if it is zero.
type KeepAlive = wsproto.KeepAlive

// readWaits says that a read begins to wait, or goes on to.
func (c *Conn) readWaits() {
	interval := c.settings.keepAlive.Interval
	if interval <= 0 {
		return
	}
	if k := c.extras().alive; k.readWaits(interval) {
		k.start(interval, c.lookForPeer)
	}
}

// readReturned says that the read has got something, or has been ended.
func (c *Conn) readReturned() {
	if c.settings.keepAlive.Interval > 0 {
		c.extras().alive.readReturned()
	}
}

// lookForPeer is called when the timer rings.
func (c *Conn) lookForPeer() {
	switch v, silence := c.extras().alive.verdict(c.settings.keepAlive); v {
	case endpoint.PingDue:
		c.pingPeer()
	case endpoint.Gone:
		err := silent{os.ErrDeadlineExceeded, silence}
		c.finish(ConnError{By: EndedByTimeout, Code: ws.StatusAbnormalClosure, Err: err})
	}
}

// pingPeer sends a ping without payload, which no call of Ping takes for its own.
// Its pong counts as any other byte does. Where somebody is writing to a peer that
// takes nothing, the timer goes on, and ends the connection.
func (c *Conn) pingPeer() {
	k := c.extras().alive
	if k.due.Add(1) > 1 {
		return // whoever is at it sends this one too
	}
	for due := int32(0); !k.due.CompareAndSwap(due, 0); {
		if c.lockOutput(context.Background()) != nil {
			return
		}
		due = k.due.Load() // one is enough for all that waited for their turn
		if c.out.box.Ping(nil) == nil {
			k.sends()
			c.flush(sending{})
		}
		c.unlockOutput()
	}
}

// answered is called for each pong.
func (c *Conn) answered(payload []byte) {
	e := c.extras()
	var rtt time.Duration
	measured := false
	if len(payload) > 0 {
		rtt, measured = e.pings.answered(payload)
	} else if e.alive != nil {
		if rtt, measured = e.alive.answered(); measured {
			e.pings.rtt.Store(int64(rtt))
		}
	}
	if measured {
		c.countRTT(rtt)
	}
}
