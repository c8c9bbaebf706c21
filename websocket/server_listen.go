package websocket

import (
	"context"
	"net"
	"time"
)

// How long Serve waits after an error of its listener: from the first to the last,
// twice as long each time, as net/http does.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = time.Second
)

// Serve accepts connections of l, each as ServeConn does with a goroutine of its own
// and context.Background. It returns ErrServerClosed once Shutdown or Close was
// called, or an error of l that will not pass; l is closed then. After one that may
// pass, such as a lack of descriptors, it pauses and goes on. For TLS, l is what
// tls.NewListener returns.
func (s *Server) Serve(l net.Listener) error {
	at := &listening{Listener: l, stop: make(chan struct{})}
	defer at.Close()
	if !s.listen(at) {
		return ErrServerClosed
	}
	defer s.unlisten(at)
	pause := firstPause
	for {
		conn, err := l.Accept()
		if err == nil {
			pause = firstPause
			s.begin(conn)
			continue
		}
		if s.closed() {
			return ErrServerClosed
		}
		if t, ok := err.(interface{ Temporary() bool }); !ok || !t.Temporary() {
			return errorf("serve", err)
		}
		s.failed(addrText(l.Addr()), err)
		select {
		case <-time.After(pause):
		case <-at.stop:
		}
		pause = min(2*pause, lastPause)
	}
}

// listen notes a call of Serve. It reports false if the Server is shutting down.
func (s *Server) listen(at *listening) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending != nil {
		return false
	}
	if s.listeners == nil {
		s.listeners = make(map[*listening]struct{})
	}
	s.listeners[at] = struct{}{}
	return true
}

func (s *Server) unlisten(at *listening) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, at)
}

// begin serves a connection in a goroutine of its own, if one more handshake may be
// under way.
func (s *Server) begin(conn net.Conn) {
	m := s.enter(conn)
	if m == nil {
		conn.Close()
		return
	}
	if s.crowded() {
		s.leave(m)
		conn.Close()
		s.failed(addrText(conn.RemoteAddr()), s.Options.Counters.refused(ErrTooManyHandshakes))
		return
	}
	go func() {
		defer s.leave(m)
		s.serveMember(context.Background(), m)
	}()
}

// leastUnderWay is how many handshakes may be under way where MaxConns is small.
const leastUnderWay = 1000

// crowded reports whether too many handshakes are under way.
func (s *Server) crowded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.MaxConns > 0 && len(s.members)-s.admitted > max(s.MaxConns, leastUnderWay)
}
