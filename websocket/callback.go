package websocket

import (
	"net"
	"sync/atomic"
	"time"
)

// callback is whether a connection is inside a callback of its RawConn that may
// run for long, because a Handler runs in it or what was held back is written.
// Closing the net.Conn waits for the callback, and so would wait for itself if
// it was called there; whoever wants to close it leaves that to Serve or Read,
// which do it behind the callback.
type callback struct{ state atomic.Int32 }

const (
	outside = iota
	inside
	closeBehind // inside, and it is to be closed behind
	closed
)

// enter reports false if the transport is closed.
func (s *callback) enter() bool { return s.state.CompareAndSwap(outside, inside) }

// leave reports false if the transport is to be closed now, by settle.
func (s *callback) leave() bool { return s.state.CompareAndSwap(inside, outside) }

// settle closes conn behind the callback, if somebody has wanted that in it.
func (s *callback) settle(conn net.Conn) {
	if s.state.CompareAndSwap(closeBehind, closed) {
		shut(conn)
	}
}

// close closes conn, now or behind the callback. In any case I/O on it ends. It
// reports whether it is the first.
func (s *callback) close(conn net.Conn) (first bool) {
	for {
		switch {
		case s.state.CompareAndSwap(outside, closed):
			shut(conn)
			return true
		case s.state.CompareAndSwap(inside, closeBehind):
			closeWrite(conn)
			conn.SetDeadline(longAgo)
			return true
		case s.over():
			return false
		}
	}
}

// over reports whether close has been called.
func (s *callback) over() bool { return s.state.Load() >= closeBehind }

// patience is how long something is waited for that should come at once, and
// that no peer has a say in.
const patience = 250 * time.Millisecond

// shut closes a transport. One of somebody else's may take its time: TLS sends
// a goodbye first, and waits for five seconds if the peer takes nothing.
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
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
		conn.SetDeadline(longAgo)
	}
}

// closeWrite closes the sending direction, if conn can do that.
func closeWrite(conn net.Conn) bool {
	half, ok := conn.(interface{ CloseWrite() error })
	return ok && half.CloseWrite() == nil
}
