package faults

import (
	"errors"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"
)

// maxWaiting is how many bytes may be on their way in a connection. More are not
// taken until some have arrived, as on a line that holds no more.
const maxWaiting = 4 << 20

// lingering is how long after its close a connection may take to deliver what was
// written before, besides the latency.
const lingering = 5 * time.Second

// delayed is a connection whose written bytes arrive later.
type delayed struct {
	net.Conn
	options Options
	cutter  *time.Timer // nil: there is none

	mu      sync.Mutex
	changed *sync.Cond // of all that follows
	waiting []written  // oldest first
	bytes   int        // of waiting
	last    time.Time  // when the newest of them is due
	closed  bool
	err     error // of writing to Conn, after which nothing is written
}

// written is what arrives at a time.
type written struct {
	due time.Time
	p   []byte
}

func newDelayed(c net.Conn, o Options) *delayed {
	d := &delayed{Conn: c, options: o}
	d.changed = sync.NewCond(&d.mu)
	if o.Latency > 0 || o.Jitter > 0 {
		go d.deliver()
	}
	return d
}

// Write takes p to be delivered later. An error of that is the error of a Write that
// follows.
func (d *delayed) Write(p []byte) (int, error) {
	if d.options.Latency <= 0 && d.options.Jitter <= 0 {
		return d.Conn.Write(p)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.bytes > maxWaiting && !d.closed && d.err == nil {
		d.changed.Wait()
	}
	if d.closed {
		return 0, net.ErrClosed
	}
	if d.err != nil {
		return 0, d.err
	}
	due := time.Now().Add(d.options.Latency)
	if d.options.Jitter > 0 {
		due = due.Add(rand.N(d.options.Jitter))
	}
	if due.Before(d.last) {
		due = d.last
	}
	d.last = due
	d.waiting = append(d.waiting, written{due, slices.Clone(p)})
	d.bytes += len(p)
	d.changed.Broadcast()
	return len(p), nil
}

// deliver writes what is due until the connection is closed and all is delivered, or
// cannot be.
func (d *delayed) deliver() {
	defer d.Conn.Close()
	for {
		next, ok := d.next()
		if !ok {
			return
		}
		time.Sleep(time.Until(next.due))
		_, err := d.Conn.Write(next.p)
		d.mu.Lock()
		d.bytes -= len(next.p)
		d.err = err
		d.changed.Broadcast()
		d.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// next waits for something to deliver. It returns false when there is nothing more to
// come.
func (d *delayed) next() (w written, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.waiting) == 0 {
		if d.closed {
			return w, false
		}
		d.changed.Wait()
	}
	w, d.waiting = d.waiting[0], d.waiting[1:]
	return w, true
}

// Read reads, until Close.
func (d *delayed) Read(p []byte) (int, error) {
	n, err := d.Conn.Read(p)
	if err != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.closed {
			return n, net.ErrClosed
		}
	}
	return n, err
}

// Close ends reading at once, and the connection when what was written has arrived.
func (d *delayed) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return net.ErrClosed
	}
	d.closed = true
	if d.cutter != nil {
		d.cutter.Stop()
	}
	d.changed.Broadcast()
	if d.options.Latency <= 0 && d.options.Jitter <= 0 {
		return d.Conn.Close()
	}
	return errors.Join(
		d.Conn.SetReadDeadline(time.Unix(1, 0)),
		d.Conn.SetWriteDeadline(time.Now().Add(d.options.Latency+d.options.Jitter+lingering)),
	)
}

// CloseWrite would overtake what is on its way, so it waits for it.
func (d *delayed) CloseWrite() error {
	d.mu.Lock()
	for d.bytes > 0 && d.err == nil && !d.closed {
		d.changed.Wait()
	}
	d.mu.Unlock()
	if half, ok := d.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// SetDeadline sets both.
func (d *delayed) SetDeadline(t time.Time) error {
	return errors.Join(d.SetReadDeadline(t), d.SetWriteDeadline(t))
}

// SetReadDeadline does nothing after Close.
func (d *delayed) SetReadDeadline(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return net.ErrClosed
	}
	return d.Conn.SetReadDeadline(t)
}

// SetWriteDeadline leaves the bytes that are on their way the time that they need.
func (d *delayed) SetWriteDeadline(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return net.ErrClosed
	}
	if !t.IsZero() {
		t = t.Add(d.options.Latency + d.options.Jitter)
	}
	return d.Conn.SetWriteDeadline(t)
}
