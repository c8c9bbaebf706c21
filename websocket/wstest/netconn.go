package wstest

import (
	"io"
	"net"
	"sync/atomic"
	"time"
)

// DefaultBuffer is how many bytes are on their way in each direction of a
// connection in memory, if no other number is said.
const DefaultBuffer = 64 << 10

// NetConn is one end of a connection in memory: a net.Conn as TCP has it, but
// whose buffer has a known size, and which lives in bubbles of testing/synctest:
// whatever waits for it blocks durably, and deadlines are of the bubble's time.
//
// As for every net.Conn, its methods may be called by several goroutines. Errors
// are *net.OpError around net.ErrClosed, os.ErrDeadlineExceeded, syscall.EPIPE
// (whoever would read has closed) or syscall.ECONNRESET; the orderly end of what
// the peer sends is io.EOF.
type NetConn struct {
	in, out           *stream
	readBy, writeBy   deadline
	local, remoteAddr net.Addr
	closed            atomic.Bool
}

// NetPipe returns the two ends of a connection in memory, with a buffer of this many
// bytes in each direction: a Write returns when the buffer has taken all of it, as
// with TCP, and waits only while the buffer is full. Zero: DefaultBuffer. Negative:
// there is none, and a Write waits until the peer has read all of it, as that of a
// net.Pipe does.
func NetPipe(buffer int) (a, b *NetConn) {
	return netPipe(buffer, clientAddr(1), serverAddr())
}

func netPipe(buffer int, aAddr, bAddr net.Addr) (a, b *NetConn) {
	if buffer == 0 {
		buffer = DefaultBuffer
	}
	buffer = max(buffer, 0)
	there, back := &stream{size: buffer}, &stream{size: buffer}
	a = &NetConn{in: back, out: there, local: aAddr, remoteAddr: bAddr}
	b = &NetConn{in: there, out: back, local: bAddr, remoteAddr: aAddr}
	return a, b
}

// Read reads what the peer has written. It waits if there is nothing.
func (c *NetConn) Read(p []byte) (int, error) {
	n, err := c.in.read(p, &c.readBy)
	return n, c.wrap("read", err)
}

// Write writes p. It waits while the buffer is full. Writes of several goroutines
// do not mix.
func (c *NetConn) Write(p []byte) (int, error) {
	n, err := c.out.write(p, &c.writeBy)
	return n, c.wrap("write", err)
}

// Close closes both directions. The peer reads what has been written before, and
// then io.EOF; its Writes fail. What it has sent and nobody has read is lost. The
// error is net.ErrClosed if this end has been closed or reset before.
func (c *NetConn) Close() error { return c.end(io.EOF, errBroken) }

// Reset closes both directions at once, as a computer that is switched off and on
// again: what is on its way is lost, and whatever the peer does fails with
// syscall.ECONNRESET.
func (c *NetConn) Reset() error { return c.end(errReset, errReset) }

func (c *NetConn) end(peerReads, peerWrites error) error {
	if c.closed.Swap(true) {
		return c.wrap("close", net.ErrClosed)
	}
	c.out.end(peerReads, net.ErrClosed)
	c.in.end(net.ErrClosed, peerWrites)
	return nil
}

// CloseWrite closes the direction to the peer, which reads what has been written
// before, and then io.EOF. Reading goes on.
func (c *NetConn) CloseWrite() error {
	if c.closed.Load() {
		return c.wrap("close", net.ErrClosed)
	}
	c.out.end(io.EOF, errBroken)
	return nil
}

// Buffered returns how many bytes have been written to this end by the peer, and
// not yet read.
func (c *NetConn) Buffered() int { return c.in.buffered() }

// LocalAddr returns the address of this end, a *net.TCPAddr of a network that is
// reserved for documentation, if no other was chosen.
func (c *NetConn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address of the peer, as LocalAddr.
func (c *NetConn) RemoteAddr() net.Addr { return c.remoteAddr }

// SetDeadline sets the deadlines of Read and Write, also of those that wait
// already. A deadline that has passed can be set to a later time.
func (c *NetConn) SetDeadline(t time.Time) error {
	c.readBy.set(t)
	c.writeBy.set(t)
	return nil
}

// SetReadDeadline sets the deadline of Read.
func (c *NetConn) SetReadDeadline(t time.Time) error {
	c.readBy.set(t)
	return nil
}

// SetWriteDeadline sets the deadline of Write. A Write that it cuts short has
// written as many bytes as it says.
func (c *NetConn) SetWriteDeadline(t time.Time) error {
	c.writeBy.set(t)
	return nil
}

func (c *NetConn) wrap(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: c.local.Network(), Source: c.local, Addr: c.remoteAddr, Err: err}
}

// clientAddr returns the address of the nth client (RFC 5737: a network for
// documentation).
func clientAddr(n int) net.Addr {
	return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1<<15 + n%(1<<15)}
}

func serverAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(198, 51, 100, 1), Port: 80} }
