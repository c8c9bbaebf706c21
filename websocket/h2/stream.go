package h2

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/net/http2"
)

// stream is one stream of a connection: a net.Conn once the server has answered with
// 200, and the body of the response otherwise. All of it is guarded by the lock of
// the connection.
type stream struct {
	c      *conn
	id     uint32
	answer chan struct{} // closed when the response has come, or the stream has ended

	response    *response
	interim     int
	unprocessed bool  // the server has not looked at the request, which may be sent again
	err         error // why the stream was reset
	closed      bool  // by Close

	buf    bytes.Buffer // received, and not yet read
	ended  bool         // by the server: nothing follows buf
	credit credit       // granted to the server
	reads  deadline

	sent   bool   // the client has ended its direction
	window window // granted by the server
	inLine bool   // it is in c.blocked
	writes deadline
}

// keptBuffer is how large a buffer a stream may have while it waits.
const keptBuffer = 4 << 10

func (s *stream) init(c *conn) {
	s.c = c
	s.answer = make(chan struct{})
	s.reads.cond.L, s.writes.cond.L = &c.mu, &c.mu
	s.credit = credit{size: c.s.streamWindow, left: c.s.streamWindow}
	s.window = window(c.server.initialWindow)
}

// receive takes what a frame of DATA carries; size is what it counts for the windows.
func (s *stream) receive(p []byte, size int, end bool) *StreamError {
	switch {
	case s.response == nil:
		return streamFault(http2.ErrCodeProtocol, "DATA before the response")
	case s.ended:
		return streamFault(http2.ErrCodeStreamClosed, "DATA after the end")
	case !s.credit.take(size):
		return streamFault(http2.ErrCodeFlowControl, "more DATA than the stream's window")
	}
	s.buf.Write(p)
	s.grant(size - len(p))
	if end {
		s.receiveEnd()
	}
	s.reads.cond.Broadcast()
	return nil
}

func (s *stream) receiveEnd() {
	s.ended = true
	s.reads.cond.Broadcast()
	if s.sent {
		s.c.forget(s)
	}
}

// grant lets the server send n bytes more.
func (s *stream) grant(n int) {
	if n := s.credit.give(n); n > 0 && !s.ended && s.err == nil && s.c.err == nil {
		s.c.framer.WriteWindowUpdate(s.id, uint32(n))
	}
}

// reset ends the stream. What was received before can still be read.
func (s *stream) reset(err error) {
	if s.err != nil {
		return
	}
	s.err = err
	if s.response == nil {
		s.answered(nil)
	}
	s.c.forget(s)
	s.reads.cond.Broadcast()
	s.writes.cond.Broadcast()
}

// answered says that there is a response, or will be none.
func (s *stream) answered(r *response) {
	s.response = r
	close(s.answer)
}

// Read reads what has arrived, or waits for it.
func (s *stream) Read(p []byte) (n int, err error) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	for {
		switch {
		case s.closed:
			return 0, net.ErrClosed
		case s.reads.passed:
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case s.buf.Len() > 0:
			n, _ = s.buf.Read(p)
			if s.buf.Len() == 0 && s.buf.Cap() > keptBuffer {
				s.buf = bytes.Buffer{}
			}
			s.grant(n)
			return n, nil
		case s.ended:
			return 0, io.EOF
		case s.err != nil:
			return 0, s.err
		}
		s.reads.cond.Wait()
	}
}

// CloseWrite ends the client's direction.
func (s *stream) CloseWrite() error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	s.sendEnd()
	return s.err
}

func (s *stream) sendEnd() {
	if s.sent || s.err != nil {
		return
	}
	s.c.framer.WriteData(s.id, true, nil)
	s.sent = true
	s.writes.cond.Broadcast()
	if s.ended {
		s.c.forget(s)
	}
}

// Close ends the stream: in good order if the server has ended its direction, and by
// RST_STREAM otherwise (RFC 8441, section 5: CANCEL is what RST is to TCP).
func (s *stream) Close() error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	s.closed = true
	s.buf = bytes.Buffer{}
	s.reads.set(time.Time{})
	s.writes.set(time.Time{})
	if s.sendEnd(); !s.ended && s.err == nil {
		s.c.framer.WriteRSTStream(s.id, http2.ErrCodeCancel)
		s.c.expectLate(s)
		s.reset(net.ErrClosed)
	}
	s.reads.cond.Broadcast()
	s.writes.cond.Broadcast()
	return nil
}

// LocalAddr returns that of the connection.
func (s *stream) LocalAddr() net.Addr { return s.c.nc.LocalAddr() }

// RemoteAddr returns that of the connection: the server's, or a proxy's.
func (s *stream) RemoteAddr() net.Addr { return s.c.nc.RemoteAddr() }

// SetDeadline sets both deadlines. None of them ends the stream.
func (s *stream) SetDeadline(t time.Time) error {
	return s.setDeadlines(t, &s.reads, &s.writes)
}

// SetReadDeadline ends calls of Read at the time t.
func (s *stream) SetReadDeadline(t time.Time) error { return s.setDeadlines(t, &s.reads) }

// SetWriteDeadline ends calls of Write at the time t.
func (s *stream) SetWriteDeadline(t time.Time) error { return s.setDeadlines(t, &s.writes) }

func (s *stream) setDeadlines(t time.Time, all ...*deadline) error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	for _, d := range all {
		d.set(t)
	}
	return nil
}

// tlsStream is a stream of a connection that TLS protects.
type tlsStream struct {
	*stream
	state tls.ConnectionState
}

// ConnectionState returns what is known of the TLS.
func (s *tlsStream) ConnectionState() tls.ConnectionState { return s.state }
