package wspoll

import "context"

// Pollers are those that there are here, by name.
var Pollers = pollers()

func pollers() map[string]func() (poller, error) {
	all := map[string]func() (poller, error){
		"goroutines": func() (poller, error) { return newGoroutines(), nil },
	}
	if p, err := newPoller(); err == nil {
		p.close()
		if _, same := p.(*goroutines); !same {
			all["descriptors"] = newPoller
		}
	}
	return all
}

// StartWith starts the loops with one of Pollers.
func (s *Server) StartWith(name string) error { return s.startWith(Pollers[name]) }

// Address returns where the server listens, or nothing if it does not yet.
func (s *Server) Address() string {
	s.start()
	s.acceptors.mu.Lock()
	defer s.acceptors.mu.Unlock()
	for l := range s.acceptors.all {
		return (*l).Addr().String()
	}
	return ""
}

// Wait waits until the loops have ended.
func (s *Server) Wait(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
