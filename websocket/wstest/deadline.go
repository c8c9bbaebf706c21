package wstest

import (
	"sync"
	"time"
)

// deadline is that of one direction of a net.Conn. The zero value is none.
type deadline struct {
	mu    sync.Mutex
	at    time.Time
	timer *time.Timer
	moved bell // or passed
}

func (d *deadline) set(at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
	}
	if d.at = at; !at.IsZero() {
		wait := time.Until(at)
		d.at = time.Now().Add(wait) // by the clock that the timer goes by
		d.timer = time.AfterFunc(wait, d.pass)
	}
	d.moved.ring()
}

func (d *deadline) pass() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.moved.ring()
}

// passed reports whether the deadline has passed. If not, later is closed when it
// is worth looking again.
func (d *deadline) passed() (passed bool, later <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.at.IsZero() && !time.Now().Before(d.at) {
		return true, nil
	}
	return false, d.moved.next()
}
