package websocket

import (
	"context"
	"iter"
	"net"
	"sync/atomic"
	"time"
)

// member is what a Server knows of a connection, from before its handshake until its
// Handler has returned.
type member struct {
	transport net.Conn // of ServeConn; nil of ServeHTTP

	// Guarded by Server.mu.
	key      string
	admitted bool               // MaxConns counts it
	conn     *Conn              // nil during the handshake
	cancel   context.CancelFunc // of Handler's context
	timer    *time.Timer        // calls retire; nil without MaxAge, until Shutdown
	excused  bool               // Shutdown does not wait for it, since it calls it

	closing atomic.Bool // close was called
}

// memberKey is the key of a Handler's context whose value is its member.
type memberKey struct{}

// enter makes a member of a connection whose handshake begins, and returns nil if
// the Server is shutting down.
func (s *Server) enter(transport net.Conn) *member {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending != nil {
		return nil
	}
	m := &member{transport: transport}
	s.add(m)
	return m
}

// add adds a member. It needs the lock.
func (s *Server) add(m *member) {
	if s.members == nil {
		s.members = make(map[*member]struct{})
	}
	s.members[m] = struct{}{}
}

// take counts an admitted member. It needs the lock.
func (s *Server) take(m *member, key string) {
	m.admitted, m.key = true, key
	s.admitted++
	if key == "" {
		return
	}
	if s.keys == nil {
		s.keys = make(map[string]map[*member]struct{})
	}
	if s.keys[key] == nil {
		s.keys[key] = make(map[*member]struct{}, 1)
	}
	s.keys[key][m] = struct{}{}
}

// give takes back what take has counted. It needs the lock.
func (s *Server) give(m *member) {
	s.admitted--
	if same := s.keys[m.key]; len(same) > 1 {
		delete(same, m)
	} else {
		delete(s.keys, m.key)
	}
}

// open notes that the handshake of an admitted member is done. It reports false if
// the Server is shutting down.
func (s *Server) open(m *member, c *Conn, cancel context.CancelFunc) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.conn, m.cancel = c, cancel
	s.opened++
	switch {
	case s.ending != nil:
		return false
	case s.MaxAge > 0:
		m.timer = time.AfterFunc(s.MaxAge-jitter(s.MaxAge/10), func() { s.retire(m) })
	}
	return true
}

// leave is the end of a member, if it is one.
func (s *Server) leave(m *member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, is := s.members[m]; !is {
		return
	}
	delete(s.members, m)
	if m.timer != nil {
		m.timer.Stop()
	}
	if m.conn != nil {
		s.opened--
	}
	if m.admitted {
		s.give(m)
	}
	if s.ending != nil {
		s.ending.leave(m)
	}
}

// Len returns how many connections are open: those whose Handler has not returned.
func (s *Server) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened
}

// All returns the connections that are open when the loop over them begins, in no
// order. The loop may take as long as it likes, and call any method of the Server:
// nothing is held while it runs.
func (s *Server) All() iter.Seq[*Conn] {
	return func(yield func(*Conn) bool) {
		s.mu.Lock()
		conns := connsOf(s.members)
		s.mu.Unlock()
		each(conns, yield)
	}
}

// Find is All for the connections that Key has given that key.
func (s *Server) Find(key string) iter.Seq[*Conn] {
	return func(yield func(*Conn) bool) {
		s.mu.Lock()
		conns := connsOf(s.keys[key])
		s.mu.Unlock()
		each(conns, yield)
	}
}

func connsOf(members map[*member]struct{}) []*Conn {
	conns := make([]*Conn, 0, len(members))
	for m := range members {
		if m.conn != nil {
			conns = append(conns, m.conn)
		}
	}
	return conns
}

func each(conns []*Conn, yield func(*Conn) bool) {
	for _, c := range conns {
		if !yield(c) {
			return
		}
	}
}
