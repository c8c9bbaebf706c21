package websocket

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// longAgo as a deadline ends I/O at once.
var longAgo = time.Unix(1, 0)

// watch bounds the I/O of one direction of a connection by a context and by
// timeouts, all of which become deadlines of the transport. A context has an
// alarm while an operation waits. If the operation before had the same one, the
// alarm is kept behind it: it does nothing until the next one, which then has
// nothing to allocate.
type watch struct {
	c      *Conn
	mu     sync.Mutex
	ctx    context.Context // of the operation that waits
	done   <-chan struct{} // of ctx, or of the operation before
	alarm  *alarm          // of done; nil if there is none
	last   time.Duration   // no deadline is later, since epoch: that of the closing handshake; 0: none
	write  bool            // the direction
	active bool            // an operation waits
	keep   bool            // the alarm outlives it
	armed  bool            // the transport has a deadline of the operation
	cut    bool            // it is in the past, because ctx has ended
	op     uint32          // counts operations
	timer  *time.Timer     // instead of deadlines, if the transport has none

	next, prev *watch // that share the alarm; guarded by it
}

// watchOf returns the watch of a direction. It is made when it is needed first.
func (c *Conn) watchOf(p *atomic.Pointer[watch]) *watch {
	if w := p.Load(); w != nil {
		return w
	}
	p.CompareAndSwap(nil, &watch{c: c, write: p == &c.wwatch})
	return p.Load()
}

// beginRead begins an operation that reads.
func (c *Conn) beginRead(ctx context.Context) error {
	if ctx.Done() == nil && c.settings.readTimeout <= 0 {
		return nil
	}
	return c.watchOf(&c.rwatch).begin(ctx, c.settings.readTimeout)
}

func (c *Conn) endRead() (cut bool) {
	w := c.rwatch.Load()
	return w != nil && w.end()
}

// beginWrite begins an operation that writes.
func (c *Conn) beginWrite(ctx context.Context) error {
	if ctx.Done() == nil && c.settings.writeTimeout <= 0 {
		return nil
	}
	return c.watchOf(&c.wwatch).begin(ctx, c.settings.writeTimeout)
}

func (c *Conn) endWrite() (cut bool) {
	w := c.wwatch.Load()
	return w != nil && w.end()
}

// begin bounds what the transport does until end by ctx, and by a timeout if
// that is not 0. The error is ctx's; end is to be called in any case.
func (w *watch) begin(ctx context.Context, timeout time.Duration) error {
	done := ctx.Done()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.active, w.ctx = true, ctx
	w.op++
	if timeout > 0 {
		w.armed = true
		w.set(w.deadline(timeout))
	}
	if done == nil {
		return nil
	}
	same := w.done == done
	w.keep = same && !w.c.inside.over() // behind that, finish calls forget
	if w.alarm == nil || !same {
		w.release()
		w.alarm = joinAlarm(w, ctx, done)
	}
	w.done = done
	// From here on ended finds ctx; whatever came before is seen now.
	return ctx.Err()
}

// end says that the operation waits no more. It reports whether ctx has ended
// it, and that is what errors of the transport come from then.
func (w *watch) end() (cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.active && !w.cut {
		return false
	}
	if cut = w.cut; w.armed || cut {
		w.set(w.deadline(0))
	}
	w.active, w.armed, w.cut, w.ctx = false, false, false, nil
	if !w.keep {
		w.release()
	}
	return cut
}

// extend begins the timeout of the operation anew.
func (w *watch) extend(timeout time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.cut {
		w.armed = true
		w.set(w.deadline(timeout))
	}
}

// ended is called when ctx has ended, or that of an operation before, and so may
// be late.
func (w *watch) ended() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.active && w.ctx.Err() != nil {
		w.cutShort()
	}
}

// cancel ends the operation that waits, as if its context had ended.
func (w *watch) cancel() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.active {
		w.cutShort()
	}
}

func (w *watch) cutShort() {
	if w.cut {
		return
	}
	w.cut = true
	w.set(longAgo)
	if w.c.raw == nil {
		// It may take a deadline and do nothing about it.
		op := w.op
		time.AfterFunc(patience, func() { w.force(op) })
	}
}

// force closes a transport in which an operation that was cut short goes on.
func (w *watch) force(op uint32) {
	w.mu.Lock()
	stuck := w.cut && w.op == op
	w.mu.Unlock()
	if stuck {
		w.c.conn.SetDeadline(longAgo) // TLS reading may wait for its own writing
		w.c.conn.Close()
	}
}

// interrupt ends the operation that waits, or the next one, until end.
func (w *watch) interrupt() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = true
	w.set(longAgo)
}

// finally gives all operations from now on a deadline that does not move.
func (w *watch) finally(wait time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last = now() + wait; !w.cut {
		w.set(w.deadline(wait))
	}
	if w.c.raw == nil {
		time.AfterFunc(wait+patience, func() { shut(w.c.conn) }) // if it does nothing about that
	}
}

// forget leaves an alarm that was kept.
func (w *watch) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.active {
		w.release()
	}
	w.keep = false
}

func (w *watch) release() {
	if w.alarm != nil {
		w.alarm.leave(w)
		w.alarm = nil
	}
}

// deadline returns when a timeout ends that begins now; 0 stands for none.
func (w *watch) deadline(timeout time.Duration) time.Time {
	switch left := w.last - now(); {
	case w.last != 0 && (timeout <= 0 || left < timeout):
		timeout = left
	case timeout <= 0:
		return time.Time{}
	}
	return time.Now().Add(timeout)
}

// set sets the deadline of the transport; the zero time stands for none. One
// that knows no deadlines is closed instead.
func (w *watch) set(t time.Time) {
	set := w.c.conn.SetReadDeadline
	if w.write {
		set = w.c.conn.SetWriteDeadline
	}
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	if set(t) != nil && !t.IsZero() {
		w.timer = time.AfterFunc(time.Until(t), func() { w.c.conn.Close() })
	}
}
