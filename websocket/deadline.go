package websocket

import (
	"context"
	"os"
	"sync"
	"time"
)

// deadline is a context whose end can be moved, and taken back: that of one
// direction of a net.Conn. The zero value has no end.
type deadline struct {
	mu    sync.Mutex
	timer *time.Timer
	moves int           // calls of set: a timer of a call before is late
	done  chan struct{} // closed when the deadline has passed
	over  bool
	funcs map[int]func() // of AfterFunc
	next  int
}

// set moves the end to t; the zero time stands for never.
func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.moves++
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	if d.over {
		d.over, d.done = false, nil
	}
	if t.IsZero() {
		return
	}
	wait := time.Until(t)
	if wait <= 0 {
		d.pass()
		return
	}
	move := d.moves
	d.timer = time.AfterFunc(wait, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.moves == move {
			d.pass()
		}
	})
}

// pass ends what waits. It needs the lock.
func (d *deadline) pass() {
	d.over = true
	if d.done == nil {
		d.done = make(chan struct{})
	}
	close(d.done)
	for _, f := range d.funcs {
		go f()
	}
	d.funcs = nil
}

// Deadline returns no time: the end can move.
func (d *deadline) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done is closed when the deadline has passed. After that, set makes another.
func (d *deadline) Done() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done == nil {
		d.done = make(chan struct{})
	}
	return d.done
}

// Err returns os.ErrDeadlineExceeded once the deadline has passed.
func (d *deadline) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return os.ErrDeadlineExceeded
	}
	return nil
}

// Value returns nil.
func (d *deadline) Value(any) any { return nil }

// AfterFunc is what context.AfterFunc uses instead of a goroutine.
func (d *deadline) AfterFunc(f func()) (stop func() bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		go f()
		return func() bool { return false }
	}
	if d.funcs == nil {
		d.funcs = make(map[int]func())
	}
	id := d.next
	d.next++
	d.funcs[id] = f
	return func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		_, ok := d.funcs[id]
		delete(d.funcs, id)
		return ok
	}
}

var _ context.Context = (*deadline)(nil)
