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
	size    int          // of buf, at most. 0: a Write waits until it has been read
	buf     bytes.Buffer // what has been written and not yet read
	writing bool         // somebody is, so that Writes do not mix

	readErr  error // what is read: io.EOF after buf, anything else at once; nil: there may come more
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
	if s.left() == 0 {
		return 0, s.readErr
	}
	n, _ := s.buf.Read(p)
	s.changed.ring()
	return n, nil
}

// left returns how many bytes there are to read.
func (s *stream) left() int {
	if s.readErr != nil && s.readErr != io.EOF {
		return 0
	}
	return s.buf.Len()
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
	if s.size == 0 {
		return s.hand(p, by)
	}
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

// hand waits until all of p has been read, and takes back what has not been if the
// end or the deadline comes before.
func (s *stream) hand(p []byte, by *deadline) (n int, err error) {
	s.buf.Write(p)
	s.changed.ring()
	err = s.await(by, func() bool { return s.buf.Len() == 0 || s.writeErr != nil })
	n = len(p) - s.buf.Len()
	if err == nil && n < len(p) {
		err = s.writeErr
	}
	s.buf.Reset()
	return n, err
}

// end has reads find readErr, and Writes writeErr. Whoever has closed its own end
// finds that, whatever happens later.
func (s *stream) end(readErr, writeErr error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readErr != net.ErrClosed {
		s.readErr = readErr
	}
	if s.writeErr != net.ErrClosed {
		s.writeErr = writeErr
	}
	s.changed.ring()
}

// buffered returns how many bytes have been written and not yet read.
func (s *stream) buffered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left()
}

// What the two directions of a connection find at its end, on top of
// net.ErrClosed and io.EOF.
var (
	errBroken error = syscall.EPIPE
	errReset  error = syscall.ECONNRESET
)
