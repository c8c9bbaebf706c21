package wspoll

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// acceptors are the listeners of a server.
type acceptors struct {
	mu      sync.Mutex
	all     map[net.Listener]context.CancelFunc
	running sync.WaitGroup
	closed  bool
}

// begin adds a listener. It reports false if the server has been shut down.
func (a *acceptors) begin(l net.Listener) (ctx context.Context, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, false
	}
	ctx, cancel := context.WithCancel(context.Background())
	if a.all == nil {
		a.all = make(map[net.Listener]context.CancelFunc)
	}
	a.all[l] = cancel
	a.running.Add(1)
	return ctx, true
}

func (a *acceptors) end(l net.Listener) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all[l]()
	delete(a.all, l)
	a.running.Done()
}

// close closes all listeners and waits until nothing is accepted any more.
func (a *acceptors) close() {
	a.mu.Lock()
	a.closed = true
	for l, cancel := range a.all {
		cancel()
		l.Close()
	}
	a.mu.Unlock()
	a.running.Wait()
}

// How long to wait when the system refuses to accept: it lacks descriptors or
// memory, and to try again at once would only take processor time.
const (
	firstBackOff = 5 * time.Millisecond
	lastBackOff  = time.Second
)

// accept accepts the connections of l until it is closed.
func (s *Server) accept(l net.Listener) error {
	ctx, ok := s.acceptors.begin(l)
	if !ok {
		l.Close()
		return ErrServerClosed
	}
	defer s.acceptors.end(l)
	for backOff := firstBackOff; ; {
		conn, err := l.Accept()
		s.accepts.Add(1)
		switch {
		case err == nil:
			backOff = firstBackOff
			s.welcome(conn)
		case ctx.Err() != nil:
			return ErrServerClosed
		case !temporary(err):
			return err
		default:
			s.acceptFail.Add(1)
			s.report(fmt.Errorf("wspoll: accepting fails, the next try is in %v: %w", backOff, err))
			if !sleep(ctx, backOff) {
				return ErrServerClosed
			}
			backOff = min(2*backOff, lastBackOff)
		}
	}
}

// temporary reports whether a listener may recover from an error: one of a net.Error
// that is not for good.
func temporary(err error) bool {
	e, ok := errors.AsType[interface {
		error
		Temporary() bool
	}](err)
	return ok && e.Temporary()
}

// sleep reports false if ctx has ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// welcome gives a new connection to the loop with the fewest.
func (s *Server) welcome(conn net.Conn) {
	l := s.fewest()
	h, err := l.poll.adopt(conn)
	if err == errNoDescriptor {
		l = s.guestLoop()
		h, err = l.poll.adopt(conn)
	}
	if err != nil {
		s.report(fmt.Errorf("wspoll: a connection is dropped: %w", err))
		conn.Close()
		return
	}
	s.give(l, newConn(l, h))
}

// give gives a connection to its loop.
func (s *Server) give(l *loop, c *Conn) bool {
	if l.post(taskAdd, c) {
		return true
	}
	l.count.Add(-1)
	l.poll.release(c.socket)
	return false
}
