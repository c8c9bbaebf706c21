package wspoll

import "context"

// Shutdown closes the listeners, and all connections with 1001 (Going Away), and
// waits until they have ended. Handshakes that are under way are ended at once. When
// ctx is done, it ends what is left, as Close does, and returns the error of ctx. No
// descriptor and no goroutine of the server is left then, but for handlers that have
// not returned.
func (s *Server) Shutdown(ctx context.Context) error {
	if !s.stop() {
		return nil
	}
	s.postAll(taskDrain)
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		s.postAll(taskStop)
		return ctx.Err()
	}
}

// Close closes the listeners and ends all connections at once, without closing
// handshakes. It does not wait for handlers.
func (s *Server) Close() {
	if s.stop() {
		s.postAll(taskStop)
	}
}

// stop ends what lets new connections in. It reports false if there are no loops.
func (s *Server) stop() bool {
	s.stopping.Store(true)
	s.once.Do(func() { s.initErr = ErrServerClosed })
	if s.initErr != nil {
		return false
	}
	s.acceptors.close()
	s.shaking.wait() // for handshakes of TLS, which have been cancelled
	if s.others.conns != nil {
		s.others.Close()
	}
	return true
}

func (s *Server) postAll(what taskKind) {
	for _, l := range s.allLoops() {
		l.post(what, nil)
	}
}
