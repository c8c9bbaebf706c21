package wspoll

import (
	"errors"
	"sync"
)

// guestLoop is the loop of connections without a descriptor, which the poller of the
// others cannot wait for. It is made when the first one comes.
type guestLoop struct {
	mu     sync.Mutex // also of Server.loops while the server starts
	loop   *loop
	closed bool // none is made any more
}

// errNoDescriptor says that a net.Conn is not a socket of the system, such as one of
// TLS or of net.Pipe.
var errNoDescriptor = errors.New("wspoll: this net.Conn has no descriptor")

// guestLoop returns the loop, or nil if there is none and the server has been shut down.
func (s *Server) guestLoop() *loop {
	s.guest.mu.Lock()
	defer s.guest.mu.Unlock()
	if s.guest.loop == nil && !s.guest.closed {
		s.guest.loop = newLoop(s, newGoroutines())
		s.running.Go(s.guest.loop.run)
	}
	return s.guest.loop
}

// close has no loop made any more: what Shutdown tells all loops, it would not hear.
func (g *guestLoop) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
}

// allLoops returns the loops, that of guests included.
func (s *Server) allLoops() []*loop {
	s.guest.mu.Lock()
	defer s.guest.mu.Unlock()
	if s.guest.loop == nil {
		return s.loops
	}
	return append(s.loops[:len(s.loops):len(s.loops)], s.guest.loop)
}
