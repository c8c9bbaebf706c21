package websocket

import (
	"net"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// The sizes of the buffers in bytes, where a Dialer or an Upgrader names none, and
// the least that a read buffer has.
const (
	defaultBufferSize = 4096
	leastReadBuffer   = ws.MaxHeaderSize + ws.MaxControlFramePayloadSize
)

// writeWait is how long the connection itself waits to write: the answers to pings
// and close messages, and the close message for what a peer does wrong.
const writeWait = time.Second

// Conn is a WebSocket connection. One goroutine at a time may read from it, by
// NextReader, ReadMessage, ReadJSON and the reader that NextReader returns, and
// set what is about reading: SetReadLimit and the handlers. All other methods
// are safe for concurrent use; see "Concurrency" in the package's overview for
// NextWriter.
type Conn struct {
	conn        net.Conn
	subprotocol string

	in  input
	out output
}

// BufferPool is where a connection takes write buffers from and puts them back; a
// *sync.Pool is one. It has to be safe for concurrent use.
type BufferPool interface {
	// Get returns a value of the pool, or nil.
	Get() any
	// Put gives a value back.
	Put(any)
}

// buffers are what a Dialer or an Upgrader says about buffers.
type buffers struct {
	read, write int
	pool        BufferPool
}

// The configurations of connections without a read limit. Such a connection holds
// nothing of a message but one read, so that the number of frames is no limit either.
var (
	serverConfig = wsproto.Config{State: ws.StateServerSide, Limits: unlimited}
	clientConfig = wsproto.Config{State: ws.StateClientSide, Limits: unlimited}
	unlimited    = wsproto.Limits{Message: -1, Fragments: -1, Controls: -1}
)

// newConn returns the connection that a handshake has made of conn. d is the
// compression that it has agreed on, or nil; early are bytes that were received
// after the handshake.
func newConn(conn net.Conn, config *wsproto.Config, b buffers, d *wsflate.Deflate, early []byte) *Conn {
	c := &Conn{conn: conn}
	c.in.init(config, b.read, early)
	c.out.init(config, b)
	if d != nil {
		c.in.receiver.Decoder = d
		c.out.deflate, c.out.sender.Encoder = d, d
	}
	c.SetPingHandler(nil)
	c.SetPongHandler(nil)
	c.SetCloseHandler(nil)
	return c
}

// Subprotocol returns the subprotocol that was agreed on, or "".
func (c *Conn) Subprotocol() string { return c.subprotocol }

// Close closes the net.Conn. It sends no close message and waits for none.
func (c *Conn) Close() error { return c.conn.Close() }

// LocalAddr returns that of the net.Conn.
func (c *Conn) LocalAddr() net.Addr { return c.conn.LocalAddr() }

// RemoteAddr returns that of the net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }

// NetConn returns the net.Conn: the very one that was dialled, or that the server
// has handed out. To read from it or to write to it breaks the connection.
func (c *Conn) NetConn() net.Conn { return c.conn }

// UnderlyingConn is NetConn.
//
// Deprecated: use NetConn.
func (c *Conn) UnderlyingConn() net.Conn { return c.conn }
