package h3

import (
	"crypto/tls"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"github.com/wirews/wirews/internal/streamconn"
)

// quicStream is what both ends have of a stream: an http3.Stream and an
// http3.RequestStream.
type quicStream interface {
	io.ReadWriteCloser // Close ends the sending direction
	CancelRead(quic.StreamErrorCode)
	CancelWrite(quic.StreamErrorCode)
	SetWriteDeadline(time.Time) error
}

// stream is a streamconn.Stream. Reading has no deadline: one that expires within the
// head of a frame would lose what has been read of it. Writing has.
type stream struct {
	quicStream
	owed   atomic.Int64 // bytes of the frame of DATA that a Write has begun and not ended
	closed atomic.Bool  // by CloseWrite
	onEnd  func()
}

// newConn makes a net.Conn of a stream. onEnd is called once that has been closed.
func newConn(s quicStream, local, remote net.Addr, state tls.ConnectionState, onEnd func()) *conn {
	return &conn{streamconn.New(&stream{quicStream: s, onEnd: onEnd}, local, remote), state}
}

// conn is a stream as a net.Conn.
type conn struct {
	*streamconn.Conn
	state tls.ConnectionState
}

// ConnectionState returns what is known of the TLS.
func (c *conn) ConnectionState() tls.ConnectionState { return c.state }

// Read reads what has arrived.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.quicStream.Read(p)
	return n, typed(err)
}

// Write sends p, which is a frame of DATA, or ends the one that a Write before has not
// ended because of its deadline; the http3.Stream does so.
func (s *stream) Write(p []byte) (int, error) {
	owed := int(s.owed.Load())
	n, err := s.quicStream.Write(p)
	if err != nil && n >= owed { // it has begun a frame of its own
		owed = len(p)
	}
	s.owed.Store(int64(max(owed-n, 0)))
	return n, typed(err)
}

// CloseWrite ends the sending direction. What was written before is still delivered.
func (s *stream) CloseWrite() error {
	if s.owed.Load() > 0 {
		return errUnfinished
	}
	s.closed.Store(true)
	return s.quicStream.Close()
}

// Abort ends the stream: H3_REQUEST_CANCELLED is what RST is to TCP (RFC 9220, section
// 3).
func (s *stream) Abort() {
	code := quic.StreamErrorCode(http3.ErrCodeRequestCanceled)
	s.CancelRead(code)
	if !s.closed.Load() {
		s.CancelWrite(code)
	}
	s.onEnd()
}
