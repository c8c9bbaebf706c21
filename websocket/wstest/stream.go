package wstest

import (
	"bytes"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// stream is one direction of a connection in memory.
type stream struct {
	mu      sync.Mutex
	changed bell
	size    int          // of buf, at most
	buf     bytes.Buffer // what has been written and not yet read
	writing bool         // somebody is, so that Writes do not mix

	readErr  error // what is read after buf; nil: there may come more
	writeErr error // what a Write gets; nil: it may write
}

// await waits with the lock until ready, or until the deadline passes. Whoever
// calls it has the lock, before and after.
func (s *stream) await(by *deadline, ready func() bool) error {
	for {
		passed, later := by.passed()
		if passed {
			return os.ErrDeadlineExceeded
		}
		if ready() {
			return nil
		}
		changed := s.changed.next()
		s.mu.Unlock()
		select {
		case <-changed:
		case <-later:
		}
		s.mu.Lock()
	}
}

func (s *stream) read(p []byte, by *deadline) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.await(by, func() bool { return s.buf.Len() > 0 || s.readErr != nil || len(p) == 0 })
	if err != nil {
		return 0, err
	}
	if s.buf.Len() == 0 {
		return 0, s.readErr
	}
	n, _ := s.buf.Read(p)
	s.changed.ring()
	return n, nil
}

func (s *stream) write(p []byte, by *deadline) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.await(by, func() bool { return !s.writing || s.writeErr != nil }); err != nil {
		return 0, err
	}
	if s.writeErr != nil {
		return 0, s.writeErr
	}
	s.writing = true
	defer func() {
		s.writing = false
		s.changed.ring()
	}()
	for n < len(p) {
		if err := s.await(by, func() bool { return s.buf.Len() < s.size || s.writeErr != nil }); err != nil {
			return n, err
		}
		if s.writeErr != nil {
			return n, s.writeErr
		}
		m, _ := s.buf.Write(p[n:min(len(p), n+s.size-s.buf.Len())])
		n += m
		s.changed.ring()
	}
	return n, nil
}

// end has reads find readErr once buf is empty, and Writes writeErr. Whoever has
// closed its own end finds that, whatever happens later.
func (s *stream) end(readErr, writeErr error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readErr != net.ErrClosed {
		s.readErr = readErr
	}
	if s.writeErr != net.ErrClosed {
		s.writeErr = writeErr
	}
	if s.readErr != io.EOF {
		s.buf.Reset() // whoever could read it is gone, or has been cut off
	}
	s.changed.ring()
}

// buffered returns how many bytes have been written and not yet read.
func (s *stream) buffered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Len()
}

// What the two directions of a connection find at its end, on top of
// net.ErrClosed and io.EOF.
var (
	errBroken error = syscall.EPIPE
	errReset  error = syscall.ECONNRESET
)
