package websocket

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// longAgo as a deadline ends I/O at once.
var longAgo = time.Unix(1, 0)

// watch bounds the I/O of one direction of a connection by a context and by
// timeouts, all of which become deadlines of the transport. A context is
// registered with context.AfterFunc while an operation waits. If the operation
// before had the same one, the registration is kept behind it: it does nothing
// until the next one, which then has nothing to allocate.
type watch struct {
	mu     sync.Mutex
	ctx    context.Context // of the operation that waits
	done   <-chan struct{} // of ctx, or of the operation before
	stop   func() bool     // ends the registration; nil if there is none
	fire   func()          // calls ended, made once
	last   time.Time       // no deadline is later: that of the closing handshake
	write  bool            // the direction
	active bool            // an operation waits
	keep   bool            // the registration outlives it
	armed  bool            // the transport has a deadline of the operation
	cut    bool            // it is in the past, because ctx has ended
}

// watchOf returns the watch of a direction. It is made when it is needed first.
func (c *Conn) watchOf(p *atomic.Pointer[watch]) *watch {
	if w := p.Load(); w != nil {
		return w
	}
	p.CompareAndSwap(nil, &watch{write: p == &c.wwatch})
	return p.Load()
}

// beginRead begins an operation that reads.
func (c *Conn) beginRead(ctx context.Context) error {
	if ctx.Done() == nil && c.settings.readTimeout <= 0 {
		return nil
	}
	return c.watchOf(&c.rwatch).begin(ctx, c.conn, c.settings.readTimeout)
}

func (c *Conn) endRead() (cut bool) {
	w := c.rwatch.Load()
	return w != nil && w.end(c.conn)
}

// beginWrite begins an operation that writes.
func (c *Conn) beginWrite(ctx context.Context) error {
	if ctx.Done() == nil && c.settings.writeTimeout <= 0 {
		return nil
	}
	return c.watchOf(&c.wwatch).begin(ctx, c.conn, c.settings.writeTimeout)
}

func (c *Conn) endWrite() (cut bool) {
	w := c.wwatch.Load()
	return w != nil && w.end(c.conn)
}

// begin bounds what conn does until end by ctx, and by a timeout if that is
// not 0. The error is ctx's; end is to be called in any case.
func (w *watch) begin(ctx context.Context, conn net.Conn, timeout time.Duration) error {
	done := ctx.Done()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.active, w.ctx = true, ctx
	if timeout > 0 {
		w.armed = true
		w.set(conn, w.bounded(time.Now().Add(timeout)))
	}
	if done == nil {
		return nil
	}
	w.keep = w.done == done
	if w.stop == nil || !w.keep {
		w.release()
		if w.fire == nil {
			w.fire = func() { w.ended(conn) }
		}
		w.stop = context.AfterFunc(ctx, w.fire)
	}
	w.done = done
	// From here on ended finds ctx; whatever came before is seen now.
	return ctx.Err()
}

// end says that the operation waits no more. It reports whether ctx has ended
// it, and that is what errors of the transport come from then.
func (w *watch) end(conn net.Conn) (cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.active && !w.cut {
		return false
	}
	if cut = w.cut; w.armed || cut {
		w.set(conn, w.last)
	}
	w.active, w.armed, w.cut, w.ctx = false, false, false, nil
	if !w.keep {
		w.release()
	}
	return cut
}

// extend begins the timeout of the operation anew.
func (w *watch) extend(conn net.Conn, timeout time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.cut {
		w.set(conn, w.bounded(time.Now().Add(timeout)))
	}
}

// ended is called in a goroutine of its own when a context that is registered
// has ended. It may be late: an operation with another one may be waiting.
func (w *watch) ended(conn net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.active || w.cut || w.ctx.Err() == nil {
		return
	}
	w.cut = true
	if w.set(conn, longAgo) != nil {
		conn.Close() // it knows no deadlines
	}
}

// cancel ends the operation that waits, as if its context had ended.
func (w *watch) cancel(conn net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.active && !w.cut {
		w.cut = true
		if w.set(conn, longAgo) != nil {
			conn.Close()
		}
	}
}

// interrupt ends the operation that waits, or the next one, until end.
func (w *watch) interrupt(conn net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = true
	w.set(conn, longAgo)
}

// bound gives all operations from now on a deadline that does not move.
func (w *watch) bound(conn net.Conn, t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last = t; !w.cut && w.set(conn, t) != nil {
		time.AfterFunc(time.Until(t), func() { conn.Close() }) // it knows no deadlines
	}
}

// forget lets go of a registration that was kept.
func (w *watch) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.active {
		w.release()
	}
	w.keep = false
}

func (w *watch) release() {
	if w.stop != nil {
		w.stop()
		w.stop = nil
	}
}

func (w *watch) bounded(t time.Time) time.Time {
	if !w.last.IsZero() && t.After(w.last) {
		return w.last
	}
	return t
}

func (w *watch) set(conn net.Conn, t time.Time) error {
	if w.write {
		return conn.SetWriteDeadline(t)
	}
	return conn.SetReadDeadline(t)
}
