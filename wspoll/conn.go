package wspoll

import (
	"crypto/tls"
	"net"
	"sync"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/wsflate"
)

// Conn is a connection of a Server. Its methods may be called by any goroutine, in
// handlers and after the end; none of them waits for the peer.
type Conn struct {
	loop *loop

	// mu guards the sending half and the end.
	mu     sync.Mutex
	out    endpoint.Outbox
	queue  *queue // nil: nothing has had to wait
	end    endpoint.Ending
	value  any
	since  time.Duration // when the peer has taken something last; if failed, when that was
	socket handle        // only the loop releases it, so a write finds this connection's or none
	corked bool          // what is written leaves at the end of the turn
	full   bool          // the socket takes no more until it is reported writable
	failed bool          // a write has failed
	asked  bool          // Close or CloseNow was called: what comes now is not wanted
	told   bool          // the loop has been told to look

	// Of the loop, or the worker that the connection is lent to.
	ready    readiness // reported, and not used up
	stage    stage
	open     bool // OnOpen was called, and OnClose was not
	dropping bool // messages are dropped
	paused   bool // nothing is received: too much waits to be sent, or the peer is over Server.Rate
	more     bool // the turn has ended before the work did
	over     bool // nothing is left to be done: it can be removed

	// Of the loop alone.
	late   readiness // reported while a worker has it
	inLine bool      // a turn is coming
	lent   bool      // to a worker
	dying  bool      // it is to be removed when the worker is done
	gone   bool      // it has been removed
	shut   bool      // our sending direction is closed
	eof    bool      // the peer's is
	opened bool      // OnOpen has been called
	timer  int32     // its place in the heap, or none
	place  uint32    // in the table of the loop
	alive  endpoint.Alive

	rx    *receiving // nil between messages
	extra *extra     // nil for most
}

// stage is what is done with what a connection receives.
type stage uint8

const (
	stageRequest stage = iota // the opening handshake is received
	stageDecide               // it is being decided about; nothing is received
	stageAnswer               // the answer is sent
	stageOpen                 // messages are received
	stageDrain                // what comes is dropped, up to the end
)

// extra is what few connections need, or most need for a short time.
type extra struct {
	opening     *opening         // until the handshake is over
	deflate     *wsflate.Deflate // nil: messages are not compressed
	pace        *endpoint.Pace   // nil: there is no Rate
	subprotocol string
	request     *httpx.Request
	tls         *tlsLayer
	tlsState    *tls.ConnectionState
}

func newConn(l *loop, h handle) *Conn {
	c := &Conn{loop: l, socket: h, timer: none}
	c.out.Sender.Config = &l.server.set.config
	l.count.Add(1)
	return c
}

// Value returns what SetValue or Request.Value has set.
func (c *Conn) Value() any {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.value
}

// SetValue keeps v with the connection, for whatever the application wants.
func (c *Conn) SetValue(v any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.value = v
}

// Subprotocol returns the subprotocol that was agreed on, or empty.
func (c *Conn) Subprotocol() string {
	if c.extra == nil {
		return ""
	}
	return c.extra.subprotocol
}

// Compressed reports whether permessage-deflate was agreed on (RFC 7692, section 5).
func (c *Conn) Compressed() bool { return c.deflate() != nil }

// Request returns a copy of the request that has opened the connection, which must
// not be changed; nil without Server.KeepRequest.
func (c *Conn) Request() *httpx.Request {
	if c.extra == nil {
		return nil
	}
	return c.extra.request
}

// TLS returns the state of TLS, which must not be changed; nil without TLS.
func (c *Conn) TLS() *tls.ConnectionState {
	if c.extra == nil {
		return nil
	}
	return c.extra.tlsState
}

// Err returns why the connection has ended, a *wsproto.ConnError, and nil as long
// as it has not.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err()
}

// RemoteAddr returns the address of the peer; nil if the system does not know it
// any more, after the end.
func (c *Conn) RemoteAddr() net.Addr {
	_, remote := c.addrs()
	return remote
}

// LocalAddr returns the address of this end, as RemoteAddr does.
func (c *Conn) LocalAddr() net.Addr {
	local, _ := c.addrs()
	return local
}

func (c *Conn) addrs() (local, remote net.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.socket == released {
		return nil, nil
	}
	return c.loop.poll.addrs(c.socket)
}

// deflate returns the extension, or nil.
func (c *Conn) deflate() *wsflate.Deflate {
	if c.extra == nil {
		return nil
	}
	return c.extra.deflate
}

// extras returns c.extra, which it makes if there is none. It is called before OnOpen
// only: by the loop, or by whoever makes the connection (Take, TLS).
func (c *Conn) extras() *extra {
	if c.extra == nil {
		c.extra = new(extra)
	}
	return c.extra
}
