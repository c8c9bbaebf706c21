package messageconn

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/wirews/wirews/internal/deadline"
	"github.com/wirews/wirews/ws"
)

// Socket is what a Conn is made of. None of its methods waits.
type Socket interface {
	// Send hands over a message: of text, if op is ws.OpText. p is not kept.
	Send(op ws.OpCode, p []byte) error
	// Buffered returns how many bytes have been handed over and not left yet.
	Buffered() int
	// Close begins the closing handshake, after what has been handed over. With
	// ws.StatusNoStatusRcvd, the close frame has no code.
	Close(code ws.StatusCode, reason string)
	// Abandon is Close for somebody who wants to know nothing more: neither Received
	// nor Ended is called after it.
	Abandon()
}

// Payload is that of a message that has been received, in memory of the socket's.
type Payload interface {
	Len() int
	// CopyAt copies to p what begins at an offset, as much as there is or fits.
	CopyAt(p []byte, offset int) int
}

// Conn is a net.Conn over a Socket. Read and Write may be called at the same time, each
// by one goroutine; all other methods by any.
type Conn struct {
	socket        Socket
	local, remote net.Addr
	reading       deadline.Deadline
	writing       deadline.Deadline
	out           outgoing // of whoever writes

	mu     sync.Mutex
	in     incoming
	closed bool          // Close has been called
	news   chan struct{} // that a call waits for; nil: none does
}

// New returns a Conn over a socket, which is the Conn's from then on. Whoever has made
// the socket calls Received and Ended.
func New(s Socket, local, remote net.Addr) *Conn {
	return &Conn{socket: s, local: local, remote: remote}
}

// tell wakes all that wait.
func (c *Conn) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.news != nil {
		close(c.news)
		c.news = nil
	}
}

// wait returns what tell closes. It needs the lock.
func (c *Conn) wait() <-chan struct{} {
	if c.news == nil {
		c.news = make(chan struct{})
	}
	return c.news
}

// Close ends all calls, and the socket, whose closing handshake goes on without
// anybody.
func (c *Conn) Close() error {
	c.mu.Lock()
	before := c.closed
	c.closed, c.in = true, incoming{end: net.ErrClosed}
	c.mu.Unlock()
	if before {
		return net.ErrClosed
	}
	c.tell()
	c.socket.Abandon()
	return nil
}

// LocalAddr returns the address that New was given.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address that New was given.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	c.reading.Set(t)
	c.writing.Set(t)
	return nil
}

// SetReadDeadline ends calls of Read at the time t.
func (c *Conn) SetReadDeadline(t time.Time) error { c.reading.Set(t); return nil }

// SetWriteDeadline ends calls of Write at the time t.
func (c *Conn) SetWriteDeadline(t time.Time) error { c.writing.Set(t); return nil }

var errPing = fmt.Errorf("a web page can neither send pings nor see them; have the server ping, or send messages that it answers: %w", errors.ErrUnsupported)

// CheckPing returns why a ping cannot be sent: errors.ErrUnsupported is in it.
func (c *Conn) CheckPing() error { return errPing }

// CheckClose returns why the peer will be sent a close frame without a code instead of
// one with that code: errors.ErrUnsupported is in it. It is nil for 1000, for 3000
// to 4999, and for 1005, which stands for no code.
func (c *Conn) CheckClose(code ws.StatusCode) error {
	switch {
	case code == ws.StatusNormalClosure, code == ws.StatusNoStatusRcvd, code >= 3000 && code <= 4999:
		return nil
	}
	return fmt.Errorf("a web page can send no close code %d, so the peer was sent none; 1000 and 3000 to 4999 can be sent: %w", code, errors.ErrUnsupported)
}
