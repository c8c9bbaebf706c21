//go:build linux

package main

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wirews/wirews/examples/epoll/internal/poll"
)

const (
	readSize = 64 << 10 // bytes that are read at a time
	keepSize = 1 << 20  // bytes of the shared output buffer that are kept
	batch    = 256      // events that are handled at a time
)

// loop is one epoll loop. All its connections share the buffers in and out:
// what is in them is done with before the next connection's turn.
type loop struct {
	options Options
	poller  *poll.Poller
	conns   map[int]*conn // by descriptor
	in      []byte
	out     []byte
	dropped func() // called for each connection that has ended

	mu       sync.Mutex
	given    []*conn // to be taken by run
	stopping bool
}

// give moves c to the loop. Any goroutine may call it, before stop.
func (l *loop) give(c *conn) {
	l.mu.Lock()
	l.given = append(l.given, c)
	l.mu.Unlock()
	l.poller.Wake()
}

// stop makes run return.
func (l *loop) stop() {
	l.mu.Lock()
	l.stopping = true
	l.mu.Unlock()
	l.poller.Wake()
}

// run serves until stop is called.
func (l *loop) run() error {
	next := time.Now().Add(l.options.Sweep)
	for {
		wait := time.Duration(-1)
		if len(l.conns) > 0 {
			wait = max(time.Until(next), 0)
		}
		events, woken, err := l.poller.Wait(wait)
		if err != nil {
			return err
		}
		now := time.Now()
		for _, ev := range events {
			if c := l.conns[ev.Fd]; c != nil {
				l.serve(c, ev, now)
			}
		}
		if woken && l.take(now) {
			return nil
		}
		if !now.Before(next) {
			l.sweep(now)
			next = now.Add(l.options.Sweep)
		}
	}
}

// take begins to watch what was given, and reports whether to stop.
func (l *loop) take(now time.Time) (stopping bool) {
	l.mu.Lock()
	given := l.given
	l.given, stopping = nil, l.stopping
	l.mu.Unlock()
	for _, c := range given {
		l.conns[c.fd] = c
		c.watched = poll.In
		if l.poller.Watch(c.fd, c.watched) != nil || l.settle(c, now) != nil {
			l.drop(c)
		}
	}
	return stopping
}

// sweep drops the connections whose time is up. It looks at each of them: a
// comparison, once in a while, is cheaper than timers.
func (l *loop) sweep(now time.Time) {
	for _, c := range l.conns {
		if !c.deadline.IsZero() && now.After(c.deadline) {
			l.drop(c)
		}
	}
}

// drop closes c's descriptor, which also ends its being watched.
func (l *loop) drop(c *conn) {
	delete(l.conns, c.fd)
	unix.Close(c.fd)
	l.dropped()
}

// close drops all connections, those that run has not taken too. run has
// returned, and nobody calls give or stop any more.
func (l *loop) close() {
	for _, c := range l.conns {
		l.drop(c)
	}
	for _, c := range l.given {
		l.drop(c)
	}
	l.poller.Close()
}
