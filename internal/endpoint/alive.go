package endpoint

import (
	"math"
	"time"

	"github.com/wirews/wirews/wsproto"
)

// Alive tells whether the peer of a connection still is: after an Interval of
// silence it is to be pinged, and if it stays silent for a Timeout more, it is
// gone. Any received byte is life. Silence counts only while something waits for
// bytes to arrive. Time is an argument, as everywhere here. The zero value is
// ready.
type Alive struct {
	heard   time.Duration // when something arrived last, or a wait began after that
	ping    time.Duration // when a ping was due, if pinged
	pinged  bool          // since heard
	waiting bool          // for bytes
}

// Verdict is what a shell has to do about silence.
type Verdict uint8

const (
	// Fine: nothing, until the time that Look returns.
	Fine Verdict = iota
	// PingDue: send a ping.
	PingDue
	// Gone: end the connection; the peer has not answered.
	Gone
)

// Wait says that something has begun to wait for bytes.
func (a *Alive) Wait(now time.Duration) {
	if !a.waiting {
		a.waiting, a.heard, a.pinged = true, now, false
	}
}

// Rest says that nothing waits any more: what was received is being handled.
func (a *Alive) Rest() { a.waiting = false }

// Waiting reports whether something waits.
func (a *Alive) Waiting() bool { return a.waiting }

// Hear says that bytes have arrived.
func (a *Alive) Hear(now time.Duration) { a.heard, a.pinged = now, false }

// Heard returns when bytes arrived last, or when the wait for them began.
func (a *Alive) Heard() time.Duration { return a.heard }

// Look says what is due at the time now, and when to look again: at never, if
// there is no Interval.
func (a *Alive) Look(k wsproto.KeepAlive, now time.Duration) (v Verdict, again time.Duration) {
	timeout := k.Timeout
	if timeout <= 0 {
		timeout = k.Interval
	}
	switch {
	case k.Interval <= 0:
		return Fine, never
	case !a.waiting:
		return Fine, After(now, k.Interval)
	case a.pinged && now-a.ping >= timeout:
		return Gone, now
	case a.pinged:
		return Fine, After(a.ping, timeout)
	case now-a.heard >= k.Interval:
		a.pinged, a.ping = true, now // the peer has all of Timeout, however late this is
		return PingDue, After(now, timeout)
	}
	return Fine, After(a.heard, k.Interval)
}

// never is a time that does not come.
const never time.Duration = math.MaxInt64

// After returns the time d after at, or the last there is where there is no such time.
func After(at, d time.Duration) time.Duration {
	if at > 0 && d > never-at {
		return never
	}
	return at + d
}
