package websocket

import (
	"context"
	"sync"
	"time"

	"github.com/wirews/wirews/internal/endpoint"
)

// ioDeadline bounds the I/O of one direction of a transport by a context and by
// timeouts, all of which become deadlines of its net.Conn. The registration with
// a context is kept after the operation as long as the next ones have the same
// context: it does nothing meanwhile, and they allocate nothing.
type ioDeadline struct {
	t    *transport
	ring func() // d.ended, made once

	mu     sync.Mutex
	ctx    context.Context // of the operation that waits
	done   <-chan struct{} // of the context that is registered
	stop   func() bool     // ends the registration; nil if there is none
	last   time.Duration   // no deadline is later, if final: that of the closing handshake
	timer  *time.Timer     // instead of deadlines, if the net.Conn has none
	resort *time.Timer     // closes a net.Conn that does nothing about the last deadline
	op     uint32          // counts operations
	write  bool            // the direction
	active bool            // an operation waits
	keep   bool            // the registration outlives it
	armed  bool            // the transport has a deadline of the operation
	cut    bool            // which is in the past, because the operation is to end
	final  bool            // last is valid
}

func (d *ioDeadline) init(t *transport, write bool) {
	d.t, d.write = t, write
	d.ring = d.ended
}

// begin bounds what the transport does until end by ctx, and by a timeout if
// that is positive. The error is ctx's; end is to be called in any case.
func (d *ioDeadline) begin(ctx context.Context, timeout time.Duration) error {
	done := ctx.Done()
	d.mu.Lock()
	d.active, d.ctx = true, ctx
	d.op++
	if timeout > 0 {
		if d.armed = true; !d.cut {
			d.move(d.after(timeout))
		}
	}
	if done == nil {
		d.mu.Unlock()
		return nil
	}
	same := d.done == done
	d.keep = same && !d.t.gate.over() // after that, forget has been called
	register, before := d.stop == nil || !same, noStop
	if register {
		before = d.release()
	}
	d.done = done
	d.mu.Unlock()
	if register {
		// Without the lock: the methods of a context may wait for somebody who
		// closes the connection.
		before()
		stop := context.AfterFunc(ctx, d.ring)
		d.mu.Lock()
		d.stop = stop
		d.mu.Unlock()
	}
	// From here on ended finds ctx; whatever came before is seen now.
	return ctx.Err()
}

// end says that the operation waits no more. It reports whether ctx has ended
// it, and that is what errors of the transport come from then.
func (d *ioDeadline) end() (cut bool) {
	d.mu.Lock()
	if !d.active && !d.cut {
		d.mu.Unlock()
		return false
	}
	if cut = d.cut; d.armed || cut {
		d.move(d.after(0))
	}
	d.active, d.armed, d.cut, d.ctx = false, false, false, nil
	stop := noStop
	if !d.keep {
		stop = d.release()
	}
	d.mu.Unlock()
	stop()
	return cut
}

// extend begins the timeout of the operation anew.
func (d *ioDeadline) extend(timeout time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.cut {
		d.armed = true
		d.move(d.after(timeout))
	}
}

// ended is called when ctx has ended, or that of an operation before, and so may
// be late.
func (d *ioDeadline) ended() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.active && d.ctx.Err() != nil {
		d.cutShort()
	}
}

// cancel ends the operation that waits, as if its context had ended.
func (d *ioDeadline) cancel() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.active {
		d.cutShort()
	}
}

// interrupt ends the operation that waits, or the next one, until end.
func (d *ioDeadline) interrupt() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cut = true
	d.move(longAgo)
}

// finally gives all operations from now on a deadline that does not move.
func (d *ioDeadline) finally(wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last, d.final = now()+wait, true; !d.cut {
		d.move(d.after(wait))
	}
	if d.t.raw == nil && !d.t.gate.over() {
		d.resort = time.AfterFunc(endpoint.After(wait, patience), func() { shut(d.t.conn) })
	}
}

// forget ends a registration that was kept, and timers: they would hold the net.Conn
// until then.
func (d *ioDeadline) forget() {
	d.mu.Lock()
	d.keep = false
	for _, timer := range []*time.Timer{d.timer, d.resort} {
		if timer != nil {
			timer.Stop()
		}
	}
	d.timer = nil
	stop := noStop
	if !d.active {
		stop = d.release()
	}
	d.mu.Unlock()
	stop()
}

func (d *ioDeadline) cutShort() {
	if d.cut {
		return
	}
	d.cut = true
	d.move(longAgo)
	if d.t.raw == nil { // it may take a deadline and do nothing about it
		op := d.op
		patiently(func() bool { return d.stuck(op) }, func() { force(d.t.conn) })
	}
}

// stuck reports whether an operation that was cut short goes on: a transport in which
// it does for long is closed.
func (d *ioDeadline) stuck(op uint32) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cut && d.op == op
}

// waits reports whether an operation goes on.
func (d *ioDeadline) waits(op uint32) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.active && d.op == op
}

// insist is extend, also for a transport that takes a deadline and does nothing
// about it.
func (d *ioDeadline) insist(timeout time.Duration) {
	d.extend(timeout)
	if d.t.raw != nil {
		return
	}
	d.mu.Lock()
	op := d.op
	d.mu.Unlock()
	time.AfterFunc(timeout, func() {
		patiently(func() bool { return d.waits(op) }, func() { force(d.t.conn) })
	})
}

// release returns what ends the registration, if there is one. It is to be called
// without the lock.
func (d *ioDeadline) release() (stop func() bool) {
	if stop = d.stop; stop == nil {
		return noStop
	}
	d.stop = nil
	return stop
}

func noStop() bool { return false }

// after returns when a timeout ends that begins now; 0 stands for none.
func (d *ioDeadline) after(timeout time.Duration) time.Time {
	switch left := d.last - now(); {
	case d.final && (timeout <= 0 || left < timeout):
		timeout = left
	case timeout <= 0:
		return time.Time{}
	}
	return time.Now().Add(timeout)
}

// move sets the deadline of the transport; the zero time stands for none. A
// transport that knows no deadlines is closed instead.
func (d *ioDeadline) move(t time.Time) {
	set := d.t.conn.SetReadDeadline
	if d.write {
		set = d.t.conn.SetWriteDeadline
	}
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	if set(t) != nil && !t.IsZero() && !d.t.gate.over() {
		d.timer = time.AfterFunc(time.Until(t), func() { d.t.conn.Close() })
	}
}

// epoch is what the times of package wsproto count from.
var epoch = time.Now()

func now() time.Duration { return time.Since(epoch) }
