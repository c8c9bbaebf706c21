package websocket

import (
	"context"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/wirews/wirews/internal/rawio"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// Conn is a WebSocket connection. All methods may be called concurrently;
// those that read messages take turns.
//
// Something has to read from the connection, so that pings are answered and
// its end is noticed: Read in a loop, Serve, or CloseRead. In the end, call
// Close or CloseNow; both may be called more than once.
//
// A context that ends, ends the call that it was given to and not the
// connection: it can be repeated. But see Write.
type Conn struct {
	conn        net.Conn
	raw         syscall.RawConn // nil: conn does not lend its descriptor
	proto       wsproto.Conn    // halves are guarded by reading and writing
	deflate     *wsflate.Deflate
	threshold   int64 // of compression, as in the options
	settings    *settings
	subprotocol string
	limit       atomic.Int64 // of SetReadLimit

	reading lock
	rwatch  watch
	in      inbox
	kept    []keptMessage // what has come while only a Ping was reading
	stream  *messageReader
	poll    *poll

	writing lock
	wwatch  watch
	out     *buffer // what the kernel has not taken yet
	try     attempt
	message lock        // held by an open Writer
	batch   atomic.Bool // what is written is held back
	seen    atomic.Bool // it is on the watchman's list
	post    uint32      // where the watchman looks for it
	late    latePong
	pings   pings

	cause   atomic.Pointer[ConnError] // why it ends; set by the first who knows
	closing atomic.Bool               // by Close or CloseNow
	over    atomic.Bool               // finish has been called
	serving atomic.Bool
	inside  callback
	closed  chan struct{} // closed when the transport is
	reads   closeReads
	silent  silence
}

// settings are what the options come to. They are shared and do not change.
type settings struct {
	onPing func(ctx context.Context, payload []byte) bool
	onPong func(ctx context.Context, payload []byte)

	readTimeout, writeTimeout time.Duration
	hold                      bool
}

// defaultReadLimit is that of SetReadLimit, in bytes.
const defaultReadLimit = 32768

// Connections with the default limit share these.
var (
	serverConfig = config(ws.StateServerSide, defaultReadLimit)
	clientConfig = config(ws.StateClientSide, defaultReadLimit)
)

func config(side ws.State, limit int64) *wsproto.Config {
	return &wsproto.Config{State: side, Mask: ws.NewMask, Limits: wsproto.Limits{Message: limit}}
}

// epoch is what the times of package wsproto count from.
var epoch = time.Now()

func now() time.Duration { return time.Since(epoch) }

// newConn returns a connection whose handshake is done. early is what the peer
// has sent behind it; d may be nil.
func newConn(conn net.Conn, side ws.State, early []byte, d *wsflate.Deflate, s *settings) *Conn {
	c := &Conn{conn: conn, deflate: d, settings: s, closed: make(chan struct{})}
	shared := serverConfig
	if side.ClientSide() {
		shared = clientConfig
	}
	c.proto.Receiver.Config, c.proto.Sender.Config = shared, shared
	if d != nil {
		c.proto.Decoder, c.proto.Encoder = d, d
	}
	c.limit.Store(defaultReadLimit)
	c.wwatch.write = true
	c.post = nextPost.Add(1)
	c.batch.Store(s.hold)
	if rawio.Supported {
		// A type of somebody else's may do more than these in its methods.
		switch conn := conn.(type) {
		case *net.TCPConn:
			c.raw, _ = conn.SyscallConn()
		case *net.UnixConn:
			c.raw, _ = conn.SyscallConn()
		}
	}
	if len(early) > 0 {
		c.in.room()
		c.in.w = copy(c.in.b, early)
	}
	return c
}

// Subprotocol returns the subprotocol that the handshake has agreed on, or "".
func (c *Conn) Subprotocol() string { return c.subprotocol }

// SetReadLimit sets how many bytes a message may have that is received from
// now on, compressed and uncompressed. The default is 32,768; -1 stands for no
// limit. A longer message is ErrMessageTooBig, and the end of the connection
// with code 1009.
func (c *Conn) SetReadLimit(n int64) { c.limit.Store(max(n, -1)) }

// applyLimit gives the receiving half the limit that holds from now on. It
// looks it up anew for each frame, so that another Config of the same kind
// changes nothing else.
func (c *Conn) applyLimit() {
	limit := c.limit.Load()
	if limit == 0 {
		limit = 1 // 0 stands for a default there; see nextEvent
	}
	if now := c.proto.Receiver.Config; now.Limits.Message != limit {
		c.proto.Receiver.Config = config(now.State, limit)
	}
}

// LocalAddr returns the local address of the transport.
func (c *Conn) LocalAddr() net.Addr { return c.conn.LocalAddr() }

// RemoteAddr returns the peer's address of the transport.
func (c *Conn) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }

// finish ends the connection, for cause unless another one was known before.
func (c *Conn) finish(cause *ConnError) {
	c.cause.CompareAndSwap(nil, cause)
	if c.over.Swap(true) {
		return
	}
	c.closeTransport()
	c.rwatch.forget()
	c.wwatch.forget()
	close(c.closed)
}

// broken says that the transport has failed: it ends the connection, and
// returns why that has ended.
func (c *Conn) broken(by EndedBy, err error) error {
	cause := &ConnError{By: by, Code: StatusAbnormalClosure, Err: err}
	c.learn(cause)
	c.finish(cause)
	return c.cause.Load()
}
