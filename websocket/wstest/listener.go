package wstest

import (
	"context"
	"net"
	"sync"
	"syscall"
)

// Listener is a net.Listener in memory: what Dial returns is connected to what
// Accept returns. It lives in bubbles of testing/synctest. Its methods may be
// called by several goroutines.
type Listener struct {
	buffer int

	mu      sync.Mutex
	changed bell
	queue   []*NetConn // dialled, and not yet accepted
	dialled int
	closed  bool
}

// NewListener returns a Listener whose connections have buffers of this many bytes,
// as NetPipe's.
func NewListener(buffer int) *Listener { return &Listener{buffer: buffer} }

// Accept waits for a connection, and returns the end of the server, a *NetConn.
// Its error is net.ErrClosed once the listener has been closed.
func (l *Listener) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		if l.closed {
			return nil, l.err("accept", net.ErrClosed)
		}
		if len(l.queue) > 0 {
			c := l.queue[0]
			l.queue = l.queue[1:]
			return c, nil
		}
		changed := l.changed.next()
		l.mu.Unlock()
		<-changed
		l.mu.Lock()
	}
}

// Dial connects to the listener, from an address with a port of its own. It does
// not wait for Accept. The error is syscall.ECONNREFUSED if the listener has been
// closed.
func (l *Listener) Dial() (*NetConn, error) { return l.DialFrom(nil) }

// DialFrom is Dial from an address, for servers that look at it, by a limit of
// connections from each host for instance. nil: one that is chosen for it.
func (l *Listener) DialFrom(addr net.Addr) (*NetConn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, l.err("dial", syscall.ECONNREFUSED)
	}
	if l.dialled++; addr == nil {
		addr = clientAddr(l.dialled)
	}
	client, server := netPipe(l.buffer, addr, l.Addr())
	l.queue = append(l.queue, server)
	l.changed.ring()
	return client, nil
}

// DialContext is Dial as an http.Transport wants it, whatever the address.
func (l *Listener) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, err := l.Dial()
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Close ends Accept, and resets connections that it has not returned. Those that
// it has go on.
func (l *Listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return l.err("close", net.ErrClosed)
	}
	l.closed = true
	for _, c := range l.queue {
		c.Reset()
	}
	l.queue = nil
	l.changed.ring()
	return nil
}

// Addr returns the address of the server.
func (l *Listener) Addr() net.Addr { return serverAddr() }

func (l *Listener) err(op string, err error) error {
	return &net.OpError{Op: op, Net: l.Addr().Network(), Addr: l.Addr(), Err: err}
}
