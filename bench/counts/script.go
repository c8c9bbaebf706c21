package main

import (
	"io"
	"net"
	"time"
)

// script is a connection whose peer sends the same bytes again and again, so
// many with each read as there is room for, and reads whatever comes. It counts.
type script struct {
	net.Conn
	first, again  []byte // what comes once, and then some times
	left          int    // times
	rest          []byte
	reads, writes int
}

func newScript(first, again []byte, times int) *script {
	return &script{first: first, again: again, left: times, rest: first}
}

// Read returns the next bytes, but never those of two times at once.
func (s *script) Read(b []byte) (int, error) {
	s.reads++
	if len(s.rest) == 0 {
		if s.left == 0 {
			return 0, io.EOF
		}
		s.left--
		s.rest = s.again
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// Write drops b.
func (s *script) Write(b []byte) (int, error) {
	s.writes++
	return len(b), nil
}

// Close does nothing.
func (s *script) Close() error { return nil }

// There is nothing to wait for.

func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }
