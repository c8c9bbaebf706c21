package wspoll

import (
	"cmp"
	"context"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Shutdown closes the listeners, and all connections with CloseCode after what
// waits to be sent, and waits until they have ended. Handshakes that are under way are
// ended at once. When ctx is done, it ends what is left, as Close does, and returns the
// error of ctx. No descriptor and no goroutine of the server is left then, except
// handlers that have not returned, which the report counts. If Shutdown or Close was
// called before, it waits for the same end.
//
// Since it waits for handlers too, one that calls it waits for itself until ctx is done:
// there, call it in a goroutine of its own, or call Close.
func (s *Server) Shutdown(ctx context.Context) (ShutdownReport, error) {
	if !s.stop() {
		return ShutdownReport{}, nil
	}
	s.postAll(taskDrain)
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return s.shutdownReport(0), nil
	case <-ctx.Done():
	}
	s.postStop()
	return s.shutdownReport(s.awaitStop(done)), ctx.Err()
}

// Close closes the listeners and ends all connections at once, without closing
// handshakes. It does not wait for handlers.
func (s *Server) Close() {
	if s.stop() {
		s.postStop()
	}
}

// stop ends what lets new connections in. It reports false if there are no loops.
func (s *Server) stop() bool {
	s.stopping.Store(true)
	s.once.Do(func() { s.initErr = ErrServerClosed })
	defer func() {
		if s.others.asked.Load() {
			s.others.Close()
		}
	}()
	if s.initErr != nil {
		return false
	}
	s.acceptors.close()
	s.guest.close()
	s.shaking.wait() // for handshakes of TLS, which have been cancelled
	return true
}

func (s *Server) postAll(what taskKind) {
	for _, l := range s.allLoops() {
		l.post(what, nil)
	}
}

// postStop has all loops end at once.
func (s *Server) postStop() { s.cut.Do(func() { s.postAll(taskStop) }) }

// stopTime is how long Shutdown waits for loops that have been told to end. One whose
// handler does not return does not see that.
const stopTime = time.Second

// awaitStop waits until all loops have ended their connections, and returns how many of
// them have not, because of a handler. done is closed when all loops have ended.
func (s *Server) awaitStop(done <-chan struct{}) (held int) {
	late := time.NewTimer(stopTime)
	defer late.Stop()
	for _, l := range s.allLoops() {
		select {
		case <-l.stopped:
		case <-done:
			return 0
		case <-late.C:
			late.Reset(0)
			select {
			case <-l.stopped:
			default:
				held++
			}
		}
	}
	return held
}

// shutdownReport gathers what the loops report.
func (s *Server) shutdownReport(held int) (all ShutdownReport) {
	all.Handlers = held
	for _, l := range s.allLoops() {
		l.mu.Lock()
		all.Closed += l.report.Closed
		all.Unanswered = append(all.Unanswered, l.report.Unanswered...)
		all.Handlers += l.report.Handlers
		l.mu.Unlock()
	}
	return all
}

// account adds a connection that is removed to the report, if the server is shut down.
func (c *Conn) account() {
	l := c.loop
	if !l.drain || c.opening() != nil && c.stage == stageDrain {
		return
	}
	_, remote := c.addrs()
	c.mu.Lock()
	cause := c.end.Cause()
	c.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if cause.Received != nil {
		l.report.Closed++
		return
	}
	u := wsproto.Unanswered{Err: cause}
	if remote != nil {
		u.Remote = remote.String()
	}
	l.report.Unanswered = append(l.report.Unanswered, u)
}

// goAway ends the connection because the server is shut down.
func (c *Conn) goAway() {
	if c.opening() != nil {
		c.remove(wsproto.EndedByUs, ErrServerClosed)
		return
	}
	s := c.loop.server
	c.Close(cmp.Or(s.CloseCode, ws.StatusGoingAway), s.CloseReason)
}
