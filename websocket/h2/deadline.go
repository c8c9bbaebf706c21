package h2

import (
	"sync"
	"time"
)

// deadline ends the waits of one direction of a stream, and not the stream: once it
// has been moved, calls wait again. What it has is guarded by the lock of the
// connection.
type deadline struct {
	cond   sync.Cond // what the calls of the direction wait for
	timer  *time.Timer
	passed bool
	epoch  int // counts the times that it was set, for timers that come too late
}

// set moves the deadline. The zero time stands for none.
func (d *deadline) set(t time.Time) {
	d.epoch++
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.passed = false
	if t.IsZero() {
		return
	}
	wait := time.Until(t)
	if wait <= 0 {
		d.passed = true
		d.cond.Broadcast()
		return
	}
	epoch := d.epoch
	d.timer = time.AfterFunc(wait, func() {
		d.cond.L.Lock()
		defer d.cond.L.Unlock()
		if d.epoch == epoch {
			d.passed = true
			d.cond.Broadcast()
		}
	})
}
