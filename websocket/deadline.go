package websocket

import (
	"context"
	"os"
	"sync"
	"time"
)

// deadline is that of one direction of a net.Conn: it can be moved, and taken
// back. The zero value has none.
type deadline struct {
	mu    sync.Mutex
	timer *time.Timer
	moves int   // calls of set: a timer of a call before is late
	now   *term // what an operation that begins is bounded by
	over  bool  // it does not move any more
}

// term is a context that ends when a deadline has passed. An operation that
// waits sees the deadline move; once it has passed, the next one has another.
type term struct {
	d     *deadline
	done  chan struct{}
	err   error
	funcs map[int]func() // of AfterFunc
	next  int
}

// term returns the context of an operation that begins.
func (d *deadline) term() *term {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.current()
}

func (d *deadline) current() *term {
	if d.now == nil {
		d.now = &term{d: d, done: make(chan struct{})}
	}
	return d.now
}

// set moves the deadline to t; the zero time stands for never.
func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.over {
		d.move(t)
	}
}

// end is the last set: a timer would hold what has been closed.
func (d *deadline) end(past time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.over {
		d.over = true
		d.move(past)
	}
}

// move is set with the lock.
func (d *deadline) move(t time.Time) {
	d.moves++
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	if d.now != nil && d.now.err != nil {
		d.now = nil
	}
	if t.IsZero() {
		return
	}
	wait := time.Until(t)
	if wait <= 0 {
		d.current().pass()
		return
	}
	move := d.moves
	d.timer = time.AfterFunc(wait, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.moves == move {
			d.current().pass()
		}
	})
}

// pass ends what waits. It needs the lock.
func (t *term) pass() {
	t.err = os.ErrDeadlineExceeded
	close(t.done)
	for _, f := range t.funcs {
		go f()
	}
	t.funcs = nil
}

// Deadline returns no time: it can move.
func (t *term) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done is closed when the deadline has passed.
func (t *term) Done() <-chan struct{} { return t.done }

// Err returns os.ErrDeadlineExceeded once the deadline has passed.
func (t *term) Err() error {
	t.d.mu.Lock()
	defer t.d.mu.Unlock()
	return t.err
}

// Value returns nil.
func (t *term) Value(any) any { return nil }

// AfterFunc is what context.AfterFunc uses instead of a goroutine.
func (t *term) AfterFunc(f func()) (stop func() bool) {
	t.d.mu.Lock()
	defer t.d.mu.Unlock()
	if t.err != nil {
		go f()
		return func() bool { return false }
	}
	if t.funcs == nil {
		t.funcs = make(map[int]func())
	}
	id := t.next
	t.next++
	t.funcs[id] = f
	return func() bool {
		t.d.mu.Lock()
		defer t.d.mu.Unlock()
		_, ok := t.funcs[id]
		delete(t.funcs, id)
		return ok
	}
}

var _ context.Context = (*term)(nil)
