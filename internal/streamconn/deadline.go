package streamconn

import (
	"os"
	"sync"
	"time"
)

// deadline ends waits at a time that may change while they wait.
type deadline struct {
	mu      sync.Mutex
	at      time.Time
	changed chan struct{} // closed when at is set anew
}

func (d *deadline) set(at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = at
	if d.changed != nil {
		close(d.changed)
		d.changed = nil
	}
}

// get returns the deadline, and a channel that is closed when it has changed.
func (d *deadline) get() (at time.Time, changed <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.changed == nil {
		d.changed = make(chan struct{})
	}
	return d.at, d.changed
}

// wait waits for news, and returns os.ErrDeadlineExceeded if the deadline comes
// first.
func (d *deadline) wait(news <-chan struct{}) error {
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

// passed reports whether the deadline has come.
func (d *deadline) passed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.at.IsZero() && !time.Now().Before(d.at)
}
