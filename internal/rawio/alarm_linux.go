package rawio

import (
	"math"
	"sync/atomic"
	"time"
)

// period is what the scheduler's monitor pauses at most while it is awake.
const period = 10 * time.Millisecond

// alarm is a timer that goes off again and again while goroutines are woken by the
// network poller, and soon not any more when none are. The monitor sleeps until the
// next timer at most. To wake it for each goroutine would cost about as much as to
// read a short message.
type alarm struct {
	state atomic.Uint32
	timer *time.Timer // of whoever is setting the alarm, and then of goesOff
}

const (
	off     = iota
	setting // somebody is about to
	on
	wanted // on, and set again since it went off
)

// set sets the alarm, and reports whether it was set before: if it was not, the monitor
// may be asleep for long.
func (a *alarm) set() bool {
	switch a.state.Load() {
	case wanted:
		return true
	case on:
		return a.state.CompareAndSwap(on, wanted) || a.state.Load() == wanted
	case off:
		if a.state.CompareAndSwap(off, setting) {
			a.begin()
		}
	}
	return false
}

// begin makes a timer: the last one may be of a bubble of package synctest that is over.
func (a *alarm) begin() {
	a.timer = time.AfterFunc(math.MaxInt64, a.goesOff)
	a.state.Store(wanted)
	a.timer.Reset(period)
}

func (a *alarm) goesOff() {
	if a.state.CompareAndSwap(on, off) {
		return
	}
	a.state.Store(on)
	a.timer.Reset(period)
}
