package autobahn

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// memoryNet is TCP in memory. Fuzzer and peer can live in a bubble of
// testing/synctest on it, where time passes only while both wait: no verdict
// depends on how busy the machine is, and no wait takes any time.
type memoryNet struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newMemoryNet() *memoryNet {
	return &memoryNet{conns: make(chan net.Conn, 100), closed: make(chan struct{})}
}

func (n *memoryNet) Accept() (net.Conn, error) {
	select {
	case <-n.closed:
		return nil, net.ErrClosed
	default:
	}
	select {
	case conn := <-n.conns:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *memoryNet) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

func (n *memoryNet) Addr() net.Addr { return memoryAddr{} }

// dial connects to who accepts, whatever the address.
func (n *memoryNet) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	select {
	case <-n.closed:
		return nil, syscall.ECONNREFUSED
	default:
	}
	there, back := newDirection(), newDirection()
	select {
	case n.conns <- &memoryConn{in: there, out: back}:
		return &memoryConn{in: back, out: there}, nil
	case <-n.closed:
		return nil, syscall.ECONNREFUSED
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return "memory:80" }

// direction is what one end of a connection sends to the other.
type direction struct {
	mu       sync.Mutex
	changed  sync.Cond
	buf      []byte
	ended    bool // the sender sends no more
	deaf     bool // the receiver is gone
	reset    bool // and so is the sender, with what has not been read
	readEnd  deadline
	writeEnd deadline
}

// inFlight is how many octets may wait for the receiver.
const inFlight = 256 << 10

func newDirection() *direction {
	d := new(direction)
	d.changed.L = &d.mu
	return d
}

// deadline is a time, and what wakes those who wait for it.
type deadline struct {
	at   time.Time
	wake *time.Timer
}

func (d *direction) set(e *deadline, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e.wake != nil {
		e.wake.Stop()
	}
	if e.at = at; !at.IsZero() {
		e.wake = time.AfterFunc(time.Until(at), d.changed.Broadcast)
	}
	d.changed.Broadcast()
}

func (e *deadline) over() bool { return !e.at.IsZero() && !time.Now().Before(e.at) }

func (d *direction) read(p []byte) (n int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		switch {
		case d.deaf:
			return 0, net.ErrClosed
		case d.readEnd.over():
			return 0, os.ErrDeadlineExceeded
		case len(d.buf) > 0:
			n = copy(p, d.buf)
			d.buf = d.buf[n:]
			d.changed.Broadcast()
			return n, nil
		case d.reset:
			return 0, syscall.ECONNRESET
		case d.ended:
			return 0, io.EOF
		}
		d.changed.Wait()
	}
}

func (d *direction) write(p []byte) (n int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		switch {
		case d.ended:
			return n, net.ErrClosed
		case d.writeEnd.over():
			return n, os.ErrDeadlineExceeded
		case d.deaf || d.reset:
			return n, syscall.EPIPE
		case n == len(p):
			return n, nil
		case len(d.buf) < inFlight:
			k := min(len(p)-n, inFlight-len(d.buf))
			d.buf = append(d.buf, p[n:n+k]...)
			n += k
			d.changed.Broadcast()
			continue
		}
		d.changed.Wait()
	}
}

func (d *direction) change(f func(d *direction)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(d)
	d.changed.Broadcast()
}

// memoryConn is one end of a connection.
type memoryConn struct {
	in, out *direction
	linger0 bool
}

func (c *memoryConn) Read(p []byte) (int, error)  { return c.in.read(p) }
func (c *memoryConn) Write(p []byte) (int, error) { return c.out.write(p) }

func (c *memoryConn) CloseWrite() error {
	c.out.change(func(d *direction) { d.ended = true })
	return nil
}

// SetLinger is that of net.TCPConn for 0.
func (c *memoryConn) SetLinger(int) error {
	c.linger0 = true
	return nil
}

// Close resets the connection if anything is unread, as TCP does.
func (c *memoryConn) Close() error {
	reset := c.linger0
	c.in.change(func(d *direction) {
		reset = reset || len(d.buf) > 0 && !d.deaf
		d.deaf, d.buf = true, nil
	})
	c.out.change(func(d *direction) {
		if d.ended = true; reset { // what is still on its way is lost
			d.reset, d.buf = true, nil
		}
	})
	return nil
}

func (c *memoryConn) LocalAddr() net.Addr  { return memoryAddr{} }
func (c *memoryConn) RemoteAddr() net.Addr { return memoryAddr{} }

func (c *memoryConn) SetDeadline(t time.Time) error {
	c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

func (c *memoryConn) SetReadDeadline(t time.Time) error {
	c.in.set(&c.in.readEnd, t)
	return nil
}

func (c *memoryConn) SetWriteDeadline(t time.Time) error {
	c.out.set(&c.out.writeEnd, t)
	return nil
}
