package websocket

import (
	"net"
	"sync/atomic"
	"time"
)

// closeGate lets a net.Conn be closed from anywhere, also from inside a callback
// of its own RawConn. net.Conn.Close waits for the callback to return, and so
// would wait for itself there. Whoever wants to close meanwhile ends all I/O, and
// leaves the closing to the goroutine that is in the callback, which does it
// afterwards.
type closeGate struct{ state atomic.Int32 }

const (
	outside = iota
	inside
	closeAfter // inside, and it is to be closed afterwards
	closed
)

// enter reports false if the transport is closed.
func (g *closeGate) enter() bool { return g.state.CompareAndSwap(outside, inside) }

// leave reports false if the transport is to be closed now, by settle.
func (g *closeGate) leave() bool { return g.state.CompareAndSwap(inside, outside) }

// settle closes conn after the callback, if somebody has wanted that in it.
func (g *closeGate) settle(conn net.Conn) {
	if g.state.CompareAndSwap(closeAfter, closed) {
		shut(conn)
	}
}

// close closes conn, now or after the callback. In any case I/O on it ends. It
// reports whether it is the first to do so.
func (g *closeGate) close(conn net.Conn) (first bool) {
	for {
		switch {
		case g.state.CompareAndSwap(outside, closed):
			shut(conn)
			return true
		case g.state.CompareAndSwap(inside, closeAfter):
			closeWrite(conn)
			conn.SetDeadline(longAgo)
			return true
		case g.over():
			return false
		}
	}
}

// over reports whether close has been called.
func (g *closeGate) over() bool { return g.state.Load() >= closeAfter }

// longAgo as a deadline ends I/O at once.
var longAgo = time.Unix(1, 0)

// shut closes a net.Conn. One of somebody else's may take its time: TLS sends a
// goodbye first, and waits for five seconds if the peer takes nothing.
func shut(conn net.Conn) {
	switch conn.(type) {
	case *net.TCPConn, *net.UnixConn:
		conn.Close()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn.Close()
	}()
	if !comesSoon(done) {
		conn.SetDeadline(longAgo)
	}
}

// force closes a net.Conn, whatever is going on in it.
func force(conn net.Conn) {
	conn.SetDeadline(longAgo) // TLS reading may wait for its own writing
	conn.Close()
}

// closeWrite closes the sending direction, if conn can do that.
func closeWrite(conn net.Conn) bool {
	half, ok := conn.(interface{ CloseWrite() error })
	return ok && half.CloseWrite() == nil
}
