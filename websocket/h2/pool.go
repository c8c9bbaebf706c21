package h2

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
)

// dial is a connection that is being made, for all that wait for it.
type dial struct {
	done    chan struct{} // closed when err is set, or the connection is there
	err     error
	waiting int                // guarded by Transport.mu
	cancel  context.CancelFunc // for when nobody waits any more
}

// conn returns a connection with a reservation on it: one that is there, or a new one.
func (t *Transport) conn(ctx context.Context, p place, proxy *url.URL) (c *conn, reused bool, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		t.mu.Lock()
		if c := t.reserve(p); c != nil {
			t.mu.Unlock()
			return c, true, nil
		}
		d, first := t.dials[p], false
		var own chan *conn
		if d == nil {
			own, first = make(chan *conn, 1), true
			d = t.begin(ctx, p, proxy, own)
		}
		d.waiting++
		t.mu.Unlock()
		select {
		case <-d.done:
			t.leave(d)
		case <-ctx.Done():
			t.leave(d)
			if first {
				go func() { // its reservation is of no use then
					if c := <-own; c != nil {
						c.release()
					}
				}()
			}
			return nil, false, ctx.Err()
		}
		switch {
		case d.err != nil && (first || !errors.Is(d.err, context.Canceled)):
			return nil, false, d.err
		case first:
			return <-own, false, nil
		}
	}
}

// reserve returns a connection that is there.
func (t *Transport) reserve(p place) *conn {
	for _, c := range t.conns[p] {
		if c.reserve() {
			return c
		}
	}
	return nil
}

// begin begins to make a connection. own gets it with a reservation, or nil. What it
// waits for is bounded by the Transport, and ends when nobody waits for it any more.
func (t *Transport) begin(ctx context.Context, p place, proxy *url.URL, own chan<- *conn) *dial {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.connectTimeout())
	d := &dial{done: make(chan struct{}), cancel: cancel}
	if t.dials == nil {
		t.dials, t.conns = make(map[place]*dial), make(map[place][]*conn)
	}
	t.dials[p] = d
	go func() {
		defer cancel()
		c, err := t.connect(ctx, p, proxy)
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.dials, p)
		if err == nil && !c.reserve() {
			err = c.full()
		}
		if err == nil {
			t.conns[p] = append(t.conns[p], c)
			if c.hasEnded() {
				t.drop(p, c)
			}
		}
		if d.err = err; err != nil {
			c = nil
		}
		own <- c
		close(d.done)
	}()
	return d
}

// leave is called by those who do not wait any more.
func (t *Transport) leave(d *dial) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if d.waiting--; d.waiting == 0 {
		d.cancel()
	}
}

// forget removes a connection that has ended.
func (t *Transport) forget(p place, c *conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.drop(p, c)
}

func (t *Transport) drop(p place, c *conn) {
	conns := t.conns[p]
	if i := slices.Index(conns, c); i >= 0 {
		if conns = slices.Delete(conns, i, i+1); len(conns) > 0 {
			t.conns[p] = conns
		} else {
			delete(t.conns, p)
		}
	}
}

// full says why a new connection takes no stream, and ends it.
func (c *conn) full() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving != nil {
		return fmt.Errorf("%w: %w", errUnprocessed, c.leaving)
	}
	c.giveUp(&ConnError{Err: errNoStreams})
	return errNoStreams
}

func (c *conn) hasEnded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err != nil
}
