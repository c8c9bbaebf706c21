// Package deadline has the deadlines of a net.Conn that waits by itself, and not in the
// kernel.
package deadline

import (
	"os"
	"sync"
	"time"
)

// Deadline ends waits at a time that may change while they wait. The zero value has none.
type Deadline struct {
	mu      sync.Mutex
	at      time.Time
	changed chan struct{} // closed when at is set anew
}

// Set moves the deadline to at; the zero time stands for never.
func (d *Deadline) Set(at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = at
	if d.changed != nil {
		close(d.changed)
		d.changed = nil
	}
}

// get returns the deadline, and a channel that is closed when it has changed.
func (d *Deadline) get() (at time.Time, changed <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.changed == nil {
		d.changed = make(chan struct{})
	}
	return d.at, d.changed
}

// Wait waits for news, and returns os.ErrDeadlineExceeded if the deadline comes
// first.
func (d *Deadline) Wait(news <-chan struct{}) error {
	for {
		at, changed := d.get()
		var timer *time.Timer
		var late <-chan time.Time
		if !at.IsZero() {
			timer = time.NewTimer(time.Until(at))
			late = timer.C
		}
		select {
		case <-news:
		case <-late:
			return os.ErrDeadlineExceeded
		case <-changed:
			if timer != nil {
				timer.Stop()
			}
			continue
		}
		if timer != nil {
			timer.Stop()
		}
		return nil
	}
}

// Passed reports whether the deadline has come.
func (d *Deadline) Passed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.at.IsZero() && !time.Now().Before(d.at)
}
