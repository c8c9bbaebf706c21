package wspoll

import (
	"errors"
	"sync"
)

// guestLoop is the loop of connections without a descriptor, which the poller of the
// others cannot wait for. It is made when the first one comes.
type guestLoop struct {
	mu   sync.Mutex
	loop *loop
}

// errNoDescriptor says that a net.Conn is not a socket of the system, such as one of
// TLS or of net.Pipe.
var errNoDescriptor = errors.New("wspoll: this net.Conn has no descriptor")

func (s *Server) guestLoop() *loop {
	s.guest.mu.Lock()
	defer s.guest.mu.Unlock()
	if s.guest.loop == nil {
		s.guest.loop = newLoop(s, newGoroutines())
		s.running.Go(s.guest.loop.run)
	}
	return s.guest.loop
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
