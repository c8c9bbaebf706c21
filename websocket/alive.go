package websocket

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/wirews/wirews/internal/endpoint"
)

// keepAlive is endpoint.Alive with a lock and a timer, for one connection. What is
// received does not move the timer: it looks when it rings, and is set to when
// there may be something to see. While nobody reads, it is not set.
type keepAlive struct {
	due atomic.Int32 // pings that wait for their turn to be written

	mu    sync.Mutex
	alive endpoint.Alive
	timer *time.Timer   // made by the first wait
	sent  time.Duration // when the last ping was,
	asked bool          // which has not been answered
	set   bool          // the timer will ring
	over  bool          // the connection has ended
}

// readWaits says that a read begins to wait, or goes on to. It reports whether start is
// to be called, because there is no timer yet.
func (k *keepAlive) readWaits(interval time.Duration) (start bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.alive.Wait(now()); k.set || k.over {
		return false
	}
	if k.timer == nil {
		return true
	}
	k.set = true
	k.timer.Reset(interval)
	return false
}

// start makes the timer.
func (k *keepAlive) start(interval time.Duration, look func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.timer == nil && !k.over {
		k.set = true
		k.timer = time.AfterFunc(interval, look)
	}
}

// readReturned says that the read has got something, or has been ended.
func (k *keepAlive) readReturned() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.alive.Rest()
}

// sends says that a ping is sent.
func (k *keepAlive) sends() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sent, k.asked = now(), true
}

// answered says that a pong has come, and returns how long that has taken since the
// ping; ok is false if no ping waits for it.
func (k *keepAlive) answered() (rtt time.Duration, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	rtt, ok = now()-k.sent, k.asked
	k.asked = false
	return rtt, ok
}

// verdict says what is due when the timer has rung, and how long the peer has been
// silent; it sets the timer again.
func (k *keepAlive) verdict(rule KeepAlive) (v endpoint.Verdict, silence time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.set = false; k.over || !k.alive.Waiting() {
		return endpoint.Fine, 0
	}
	at := now()
	v, again := k.alive.Look(rule, at)
	if v != endpoint.Gone {
		// Not later than that: an answer to a ping begins another Interval.
		k.set = true
		k.timer.Reset(min(again-at, rule.Interval))
	}
	return v, at - k.alive.Heard()
}

// end is for the end of the connection.
func (k *keepAlive) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.over = true; k.timer != nil {
		k.timer.Stop()
	}
}
