package websocket

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// KeepAlive finds out whether a silent peer is still there. Any received byte is
// a sign of life; silence counts only while a read is waiting, in Read, Reader,
// Serve or CloseRead. A peer that is gone ends the connection, by EndedByTimeout.
type KeepAlive = wsproto.KeepAlive

// keepAlive is endpoint.Alive with a lock and a timer, for one connection. What is
// received does not move the timer: it looks when it rings, and is set to when
// there may be something to see. While nobody reads, it is not set.
type keepAlive struct {
	c       *Conn
	pinging atomic.Bool // a ping waits for its turn to be written

	mu    sync.Mutex
	alive endpoint.Alive
	timer *time.Timer // made by the first wait
	set   bool        // the timer will ring
	over  bool        // the connection has ended
}

// waits says that a read begins to wait, or goes on to.
func (c *Conn) waits() {
	if c.settings.keepAlive.Interval > 0 {
		c.extras().alive.waits()
	}
}

// rests says that the read has got something, or has been ended.
func (c *Conn) rests() {
	if c.settings.keepAlive.Interval > 0 {
		c.extras().alive.rests()
	}
}

func (k *keepAlive) waits() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.alive.Wait(now()); !k.set && !k.over {
		k.ring(k.c.settings.keepAlive.Interval)
	}
}

func (k *keepAlive) rests() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.alive.Rest()
}

// ring sets the timer.
func (k *keepAlive) ring(after time.Duration) {
	k.set = true
	if k.timer == nil {
		k.timer = time.AfterFunc(after, k.look)
		return
	}
	k.timer.Reset(after)
}

// look is called when the timer rings.
func (k *keepAlive) look() {
	switch k.verdict() {
	case endpoint.PingDue:
		k.ping()
	case endpoint.Gone:
		err := silent{os.ErrDeadlineExceeded}
		k.c.finish(ConnError{By: EndedByTimeout, Code: ws.StatusAbnormalClosure, Err: err})
	}
}

func (k *keepAlive) verdict() endpoint.Verdict {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.set = false; k.over || !k.alive.Waiting() {
		return endpoint.Fine
	}
	at := now()
	v, again := k.alive.Look(k.c.settings.keepAlive, at)
	if v != endpoint.Gone {
		// Not later than that: an answer to a ping begins another Interval.
		k.ring(min(again-at, k.c.settings.keepAlive.Interval))
	}
	return v
}

// ping sends a ping without payload, which no call of Ping takes for its own. Its
// pong counts as any other byte does. Where somebody is writing to a peer that
// takes nothing, the timer goes on, and ends the connection.
func (k *keepAlive) ping() {
	if !k.pinging.CompareAndSwap(false, true) {
		return
	}
	defer k.pinging.Store(false)
	c := k.c
	if c.lockOutput(context.Background()) != nil {
		return
	}
	defer c.unlockOutput()
	if c.out.box.Ping(nil) == nil {
		c.flush(sending{})
	}
}

// end is for the end of the connection.
func (k *keepAlive) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.over = true; k.timer != nil {
		k.timer.Stop()
	}
}
