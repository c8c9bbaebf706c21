package ws

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
)

// early holds what the peer sent right behind its handshake: frames that came
// in with the same read. They are yielded before anything else is read.
type early struct{ b []byte }

func (e *early) read(conn net.Conn, p []byte) (int, error) {
	if len(e.b) == 0 {
		return conn.Read(p)
	}
	n := copy(p, e.b)
	if e.b = e.b[n:]; len(e.b) == 0 {
		e.b = nil
	}
	return n, nil
}

func (e *early) writeTo(w io.Writer, rest io.Reader) (int64, error) {
	n, err := bytes.NewReader(e.b).WriteTo(w)
	if e.b = e.b[n:]; err != nil {
		return n, err
	}
	e.b = nil
	m, err := io.Copy(w, rest)
	return n + m, err
}

// withEarly returns a connection that yields b first. Embedding the concrete
// type keeps what net and crypto/tls give theirs: writev, ReadFrom,
// CloseWrite, ConnectionState and the like.
func withEarly(conn net.Conn, b []byte) net.Conn {
	switch c := conn.(type) {
	case *net.TCPConn:
		return &earlyTCPConn{TCPConn: c, early: early{b}}
	case *net.UnixConn:
		return &earlyUnixConn{UnixConn: c, early: early{b}}
	case *tls.Conn:
		return &earlyTLSConn{Conn: c, early: early{b}}
	}
	return &earlyConn{Conn: conn, early: early{b}}
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
