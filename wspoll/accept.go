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
	ctx    context.Context // of all that lets connections in
	cancel context.CancelFunc

	mu      sync.Mutex
	all     map[*net.Listener]bool // by pointers, for not all of them can be compared
	running sync.WaitGroup
	closed  bool
}

func (a *acceptors) init() {
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.all = make(map[*net.Listener]bool)
}

// begin adds a listener. It reports false if the server has been shut down.
func (a *acceptors) begin(l *net.Listener) (ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return false
	}
	a.all[l] = true
	a.running.Add(1)
	return true
}

func (a *acceptors) end(l *net.Listener) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.all, l)
	a.running.Done()
}

// close closes all listeners and waits until nothing is accepted any more.
func (a *acceptors) close() {
	a.mu.Lock()
	a.closed = true
	a.cancel()
	for l := range a.all {
		(*l).Close()
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
	ctx := s.acceptors.ctx
	if !s.acceptors.begin(&l) {
		l.Close()
		return ErrServerClosed
	}
	accepting := true
	var conn net.Conn // accepted, and not served yet for lack of a second descriptor
	defer func() {
		if accepting {
			s.acceptors.end(&l)
		}
		if conn != nil {
			conn.Close()
		}
	}()
	for backOff := firstBackOff; ; {
		var err error
		if conn == nil {
			conn, err = l.Accept()
		}
		if err == nil {
			if err = s.welcome(conn); err == nil {
				conn = nil
			}
		}
		switch {
		case err == nil:
			backOff = firstBackOff
		case ctx.Err() != nil:
			return ErrServerClosed
		case !temporary(err):
			return err
		default:
			s.acceptors.end(&l) // OnError may shut the server down, which waits for this
			s.report(fmt.Errorf("wspoll: accepting fails, the next try is in %v: %w", backOff, err))
			if accepting = s.acceptors.begin(&l); !accepting {
				l.Close()
				return ErrServerClosed
			}
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

// welcome serves a new connection. After an error it is the caller's, who may try again.
func (s *Server) welcome(conn net.Conn) error {
	if s.crowded() {
		s.fewest().countRefused(ErrTooManyConns)
		conn.Close()
		return nil
	}
	if s.set.tls != nil {
		s.encrypt(conn)
		return nil
	}
	_, err := s.adopt(conn, func(*Conn) {})
	return err
}

// welcomeAs serves a new connection, which prepare completes, or closes it.
func (s *Server) welcomeAs(conn net.Conn, prepare func(*Conn)) error {
	_, err := s.adopt(conn, prepare)
	if err != nil {
		conn.Close()
	}
	return err
}

// adopt gives a connection to the loop with the fewest, or to that of guests if it has
// no descriptor. prepare completes it before. If there is an error, conn is still the
// caller's.
func (s *Server) adopt(conn net.Conn, prepare func(*Conn)) (*Conn, error) {
	l := s.fewest()
	h, err := l.poll.adopt(conn)
	if err == errNoDescriptor {
		if l = s.guestLoop(); l == nil {
			return nil, ErrServerClosed
		}
		h, err = l.poll.adopt(conn)
	}
	if err != nil {
		return nil, err
	}
	c := newConn(l, h)
	prepare(c)
	if !l.post(taskAdd, c) {
		c.letGo()
		l.count.Add(-1)
		l.poll.release(h)
		return nil, ErrServerClosed
	}
	return c, nil
}
