package websocket

import (
	"errors"
	"io"
	"net"
	"time"
)

// bodyConn is a connection that an http.Client has handed out as the body of
// its response. Deadlines and addresses are those of the net.Conn below, if the
// transport has shown it.
type bodyConn struct {
	io.ReadWriteCloser
	below net.Conn // or nil
}

func newBodyConn(rwc io.ReadWriteCloser, below net.Conn) net.Conn {
	if conn, ok := rwc.(net.Conn); ok {
		return conn
	}
	return &bodyConn{rwc, below}
}

var errNoDeadline = errors.New("websocket: the transport of the http.Client shows no net.Conn, and so has no deadlines")

func (b *bodyConn) LocalAddr() net.Addr {
	if b.below == nil {
		return unknownAddr{}
	}
	return b.below.LocalAddr()
}

func (b *bodyConn) RemoteAddr() net.Addr {
	if b.below == nil {
		return unknownAddr{}
	}
	return b.below.RemoteAddr()
}

func (b *bodyConn) SetDeadline(t time.Time) error {
	if b.below == nil {
		return errNoDeadline
	}
	return b.below.SetDeadline(t)
}

func (b *bodyConn) SetReadDeadline(t time.Time) error {
	if b.below == nil {
		return errNoDeadline
	}
	return b.below.SetReadDeadline(t)
}

func (b *bodyConn) SetWriteDeadline(t time.Time) error {
	if b.below == nil {
		return errNoDeadline
	}
	return b.below.SetWriteDeadline(t)
}

// CloseWrite closes the sending direction.
func (b *bodyConn) CloseWrite() error {
	if b.below == nil || !closeWrite(b.below) {
		return errors.ErrUnsupported
	}
	return nil
}

// unknownAddr is the address of what shows none.
type unknownAddr struct{}

func (unknownAddr) Network() string { return "websocket" }
func (unknownAddr) String() string  { return "websocket/unknown-addr" }
