package websocket

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/wirews/wirews/wsproto"
)

// ShutdownReport says what has become of the connections of a Server that was shut
// down. Its fields are those of [wsproto.ShutdownReport].
type ShutdownReport = wsproto.ShutdownReport

// Unanswered is a connection that has ended without a close frame of its peer.
type Unanswered = wsproto.Unanswered

// shutdown is the end of a Server. All but ctx and drained is guarded by the
// Server's lock.
type shutdown struct {
	ctx     context.Context // of whoever began it
	left    int             // members that it waits for, and one until it has begun
	drained chan struct{}   // closed when there are none
	report  ShutdownReport  // about those that have left
}

// Shutdown ends the Server. It closes the listeners of Serve, has ServeHTTP refuse
// what comes, and closes each connection with CloseCode: what Write has accepted
// before is sent first. It returns when all peers have answered and every Handler
// has returned. When ctx ends before that, what is left is cut off by CloseNow, and
// the error is ctx's. The report has the peers that have not answered.
//
// A peer has until the deadline of ctx to answer, and five seconds if ctx has none.
// Handshakes that Serve and ServeConn have not got a request for are broken off.
//
// In a Handler, call it with a context that is derived from the Handler's: it does
// not wait for the connection of that one then, and the report does not have it. If
// Shutdown was called before, it waits for the same end. http.Server.Shutdown does
// not know the connections of a Server: call both.
func (s *Server) Shutdown(ctx context.Context) (ShutdownReport, error) {
	if ctx == nil {
		return ShutdownReport{}, errorf("shutdown", errNilContext)
	}
	err := s.stop(ctx)
	drained := s.ending.drained
	select {
	case <-drained:
		report := s.report()
		if ended := over(ctx); len(report.Unanswered) > 0 && ended != nil { // each connection has ended by ctx itself
			err = errors.Join(errorf("shutdown", ended), err)
		}
		return report, err
	case <-ctx.Done():
	}
	s.cut()
	comesSoon(drained)
	return s.report(), errors.Join(errorf("shutdown", ctx.Err()), err)
}

// over returns ctx's error, also in the moment between its deadline, by which
// connections end on their own, and the timer that ends ctx.
func over(ctx context.Context) error {
	if at, ok := ctx.Deadline(); ctx.Err() == nil && ok && !time.Now().Before(at) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

// Close ends the Server at once: it closes the listeners of Serve, and cuts off all
// connections by CloseNow. It does not wait for their Handlers, whose contexts end;
// Shutdown does, also after Close. The error is that of a listener.
func (s *Server) Close() error {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	err := s.stop(ended)
	s.cut()
	return err
}

// stop accepts nothing more and begins to close what there is, unless that was done
// before. The member whose Handler calls it is excused, if ctx tells which one it is.
func (s *Server) stop(ctx context.Context) error {
	var errs []error
	for _, at := range s.beginEnd(ctx) {
		errs = append(errs, at.Close())
	}
	return errors.Join(errs...)
}

// beginEnd is stop without the listeners, which it returns: their Close is a function of
// the program's, and not to be called with the lock.
func (s *Server) beginEnd(ctx context.Context) (listeners []*listening) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.ending == nil
	if first {
		s.ending = &shutdown{ctx: ctx, left: len(s.members) + 1, drained: make(chan struct{})}
	}
	if m, _ := ctx.Value(memberKey{}).(*member); m != nil && !m.excused {
		if _, ours := s.members[m]; ours {
			m.excused = true
			s.ending.oneLess()
		}
	}
	if first {
		listeners = slices.Collect(maps.Keys(s.listeners))
		s.closeMembers(ctx)
		s.ending.oneLess()
	}
	return listeners
}

// closed reports whether Shutdown or Close was called.
func (s *Server) closed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ending != nil
}

// listening is a call of Serve.
type listening struct {
	net.Listener
	once sync.Once
	err  error
	stop chan struct{} // closed by Close
}

// Close closes the listener, once.
func (l *listening) Close() error {
	l.once.Do(func() {
		close(l.stop)
		l.err = l.Listener.Close()
	})
	return l.err
}

// closeMembers begins to close the connections, and needs the lock.
func (s *Server) closeMembers(ctx context.Context) {
	spread := s.CloseSpread
	if deadline, ok := ctx.Deadline(); ok {
		spread = min(spread, time.Until(deadline)/2)
	}
	for m := range s.members {
		switch delay := jitter(spread); {
		case !m.admitted:
			go m.transport.Close()
		case m.conn == nil: // open sees that the end has come
		case m.timer == nil:
			m.timer = time.AfterFunc(delay, func() { s.retire(m) })
		default:
			m.timer.Reset(delay)
		}
	}
}

// retire closes a connection that has become too old, or for Shutdown.
func (s *Server) retire(m *member) {
	limit := closeTimeout
	s.mu.Lock()
	if s.ending != nil && !m.excused {
		limit = s.ending.limit()
	}
	s.mu.Unlock()
	m.close(limit, cmp.Or(s.CloseCode, StatusGoingAway), s.CloseReason)
}

// limit returns how long a peer has to answer: until the deadline of ctx, closeTimeout
// if it has none, and not at all if it had ended. That ctx is canceled later is for
// Shutdown to see, which cuts off whom it waits for. A member that calls Shutdown
// itself is not among them from then on, and its peer keeps its time: a caller of
// Shutdown may cancel ctx once that has returned.
func (e *shutdown) limit() time.Duration {
	if e.ctx.Err() != nil {
		return 0
	}
	if at, ok := e.ctx.Deadline(); ok {
		return time.Until(at)
	}
	return closeTimeout
}

// close closes the connection, and waits for its end, no longer than limit. Then it is
// cut off, and at once without a close frame if limit is not above zero. If that was
// begun before, close waits for the same end.
func (m *member) close(limit time.Duration, code StatusCode, reason string) {
	c := m.conn
	if c.transport.gate.over() {
		return
	}
	if !m.closing.CompareAndSwap(false, true) {
		<-c.end.done()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if ctx.Err() == nil {
		c.CloseContext(ctx, code, reason)
	}
	select {
	case <-c.end.done():
	case <-ctx.Done():
		c.CloseNow()
	}
}

// cut ends what is left.
func (s *Server) cut() {
	var cutting sync.WaitGroup
	defer cutting.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	for m := range s.members {
		switch {
		case m.conn != nil:
			c, cancel := m.conn, m.cancel
			cutting.Go(func() { c.CloseNow(); cancel() })
		case m.transport != nil:
			go m.transport.Close()
		}
	}
}

// leave notes that a member has left. It needs the Server's lock.
func (e *shutdown) leave(m *member) {
	if m.excused {
		return
	}
	record(&e.report, m)
	e.oneLess()
}

// oneLess notes that one member less is waited for. It needs the Server's lock.
func (e *shutdown) oneLess() {
	if e.left--; e.left == 0 {
		close(e.drained)
	}
}

// record adds the connection of a member to a report.
func record(r *ShutdownReport, m *member) {
	if m.conn == nil {
		return
	}
	if cause := m.conn.end.cause.Load(); cause == nil || cause.Received == nil {
		r.Unanswered = append(r.Unanswered, Unanswered{Remote: addrText(m.conn.RemoteAddr()), Key: m.key, Err: m.conn.end.err()})
		return
	}
	r.Closed++
}

// report returns what there is to say now.
func (s *Server) report() ShutdownReport {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.ending.report
	r.Unanswered = slices.Clone(r.Unanswered)
	for m := range s.members {
		if m.conn != nil && !m.excused {
			record(&r, m)
			r.Handlers++
		}
	}
	return r
}

// jitter returns a random time up to d.
func jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return rand.N(d)
}
