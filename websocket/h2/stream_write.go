package h2

import (
	"net"
	"os"
	"slices"
)

// Write hands p over to be sent, as far as the windows and what waits already allow.
func (s *stream) Write(p []byte) (n int, err error) {
	c := s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	defer s.leaveLine()
	turn := 0 // bytes of it that have been used
	for {
		switch {
		case s.closed || s.sent:
			return n, net.ErrClosed
		case s.err != nil:
			return n, s.err
		case s.writes.passed:
			return n, os.ErrDeadlineExceeded
		case n == len(p):
			return n, nil
		}
		k := min(len(p)-n, maxFrame-turn, int(s.window), int(c.window), maxUnsent-len(c.out))
		if k <= 0 || len(c.blocked) > 0 && c.blocked[0] != s {
			s.waitToWrite()
			continue
		}
		c.framer.WriteData(s.id, false, p[n:n+k])
		c.flood.earn(4)
		s.window -= window(k)
		c.window -= window(k)
		n += k
		if turn += k; turn == maxFrame {
			turn = 0
			s.leaveLine()
		}
	}
}

// waitToWrite waits until something has changed: in line, if it is not for the window
// of the stream itself.
func (s *stream) waitToWrite() {
	if s.window <= 0 {
		s.leaveLine()
	} else if !s.inLine {
		s.inLine = true
		s.c.blocked = append(s.c.blocked, s)
	}
	s.writes.cond.Wait()
}

// leaveLine is called when a stream has had its turn, or does not want one.
func (s *stream) leaveLine() {
	if s.inLine {
		s.inLine = false
		s.c.blocked = slices.DeleteFunc(s.c.blocked, func(other *stream) bool { return other == s })
		s.writes.cond.Broadcast() // there may be another Write, which gets in line again
	}
	s.c.wakeNext()
}

// wakeNext wakes the first stream in line if there is something for it. It stays the
// first until it has had its turn.
func (c *conn) wakeNext() {
	if len(c.blocked) > 0 && c.window > 0 && len(c.out) < maxUnsent {
		c.blocked[0].writes.cond.Broadcast()
	}
}
