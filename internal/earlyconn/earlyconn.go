// Package earlyconn wraps a connection of which too much has been read.
package earlyconn

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// early holds what the peer sent right after its handshake: frames that came
// in with the same read. They are yielded before anything else is read. As on
// every net.Conn, reads may be concurrent.
type early struct {
	drained atomic.Bool
	mu      sync.Mutex
	b       []byte
}

func (e *early) read(conn net.Conn, p []byte) (int, error) {
	if n := e.take(p); n > 0 || len(p) == 0 {
		return n, nil
	}
	return conn.Read(p)
}

func (e *early) take(p []byte) int {
	if e.drained.Load() {
		return 0
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	n := copy(p, e.b)
	if e.b = e.b[n:]; len(e.b) == 0 {
		e.b = nil
		e.drained.Store(true)
	}
	return n
}

// rest takes all that is left.
func (e *early) rest() (b []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	b, e.b = e.b[:len(e.b):len(e.b)], nil
	e.drained.Store(true)
	return b
}

func (e *early) writeTo(w io.Writer, rest io.Reader) (int64, error) {
	e.mu.Lock()
	n, err := bytes.NewReader(e.b).WriteTo(w)
	if e.b = e.b[n:]; err == nil {
		e.b = nil
		e.drained.Store(true)
	}
	e.mu.Unlock()
	if err != nil {
		return n, err
	}
	m, err := io.Copy(w, rest)
	return n + m, err
}

// Wrap returns a connection that yields b first. Embedding the concrete
// type keeps what net and crypto/tls give theirs: writev, ReadFrom,
// CloseWrite, ConnectionState and the like.
func Wrap(conn net.Conn, b []byte) net.Conn {
	switch c := conn.(type) {
	case *net.TCPConn:
		return &earlyTCPConn{TCPConn: c, early: early{b: b}}
	case *net.UnixConn:
		return &earlyUnixConn{UnixConn: c, early: early{b: b}}
	case *tls.Conn:
		return &earlyTLSConn{Conn: c, early: early{b: b}}
	}
	return &earlyConn{Conn: conn, early: early{b: b}}
}

// Take returns the connection that Wrap was given, however often, and what had been
// read too early and has not been yielded; conn itself and nothing, if it is none of
// Wrap's. conn must not be used any more, and not be in use.
func Take(conn net.Conn) (below net.Conn, b []byte) {
	switch c := conn.(type) {
	case *earlyTCPConn:
		return c.TCPConn, c.early.rest()
	case *earlyUnixConn:
		return c.UnixConn, c.early.rest()
	case *earlyTLSConn:
		return c.Conn, c.early.rest()
	case *earlyConn:
		below, b = Take(c.Conn)
		return below, append(c.early.rest(), b...)
	}
	return conn, nil
}

type earlyTCPConn struct {
	*net.TCPConn
	early early
}

func (c *earlyTCPConn) Read(p []byte) (int, error) { return c.early.read(c.TCPConn, p) }

func (c *earlyTCPConn) WriteTo(w io.Writer) (int64, error) { return c.early.writeTo(w, c.TCPConn) }

type earlyUnixConn struct {
	*net.UnixConn
	early early
}

func (c *earlyUnixConn) Read(p []byte) (int, error) { return c.early.read(c.UnixConn, p) }

type earlyTLSConn struct {
	*tls.Conn
	early early
}

func (c *earlyTLSConn) Read(p []byte) (int, error) { return c.early.read(c.Conn, p) }

type earlyConn struct {
	net.Conn
	early early
}

func (c *earlyConn) Read(p []byte) (int, error) { return c.early.read(c.Conn, p) }

// CloseWrite closes the sending direction, if the connection below can do that.
func (c *earlyConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// TakesVectors reports whether net.Buffers reaches w by writev(2) rather than
// by a Write for each buffer.
func TakesVectors(w io.Writer) bool {
	switch w.(type) {
	case *net.TCPConn, *net.UnixConn, *earlyTCPConn, *earlyUnixConn:
		return true
	}
	return false
}
