package websocket

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Conn is a WebSocket connection. All methods may be called concurrently;
// those that read messages take turns.
//
// Something has to read from the connection, so that pings are answered and
// its end is noticed: Read in a loop, Serve, or CloseRead. In the end, call
// Close or CloseNow; both may be called more than once.
//
// Cancelling a context ends only the call that it was given to: the connection
// stays usable, and the call can be repeated. But see Write.
type Conn struct {
	transport transport
	in        input
	out       output
	end       ending

	settings *settings
	extra    atomic.Pointer[extra]
}

// extra is what few connections need.
type extra struct {
	subprotocol string
	extension   wsproto.Extension
	message     lock // held by an open Writer
	pings       pings
	closeRead   sync.Mutex      // guards readCtx
	readCtx     context.Context // of CloseRead; nil until it was called
	silence     [32]byte        // where to wait, if not in a buffer
	alive       *keepAlive      // nil: without KeepAlive
	charge      charge
	counting    *counting                        // nil: without Counters
	context     atomic.Pointer[endContext]       // of Context
	onEnd       atomic.Pointer[func(*ConnError)] // that is still to be called
	pace        *pace                            // nil: without a Rate
	queue       *sendQueue                       // nil: without a Queue
}

func (c *Conn) extras() *extra {
	if e := c.extra.Load(); e != nil {
		return e
	}
	c.extra.CompareAndSwap(nil, new(extra))
	return c.extra.Load()
}

// settings are what the options amount to. They are shared and do not change.
type settings struct {
	onPing func(ctx context.Context, payload []byte) bool
	onPong func(ctx context.Context, payload []byte)

	readTimeout, writeTimeout, stallTimeout time.Duration

	keepAlive           KeepAlive
	hold                endpoint.Hold // outside of Serve
	threshold           int64         // of compression, as in the options
	level               int           // of compression, as in the options
	fragments, controls int           // that a message may have, as in the options
	budget              *Budget       // of messages that have not come as a whole; nil: none
	queue               *Queue
	onQueue             func(c *Conn, s QueueState)
	counters            *Counters // nil: nothing is counted
	rate                *Rate     // nil: none
}

// defaultReadLimit is that of SetReadLimit, in bytes.
const defaultReadLimit = 32768

// readLimit is what SetReadLimit has set.
type readLimit struct {
	config wsproto.Config
	bytes  int64
}

// Connections with the default limit share these.
var (
	serverLimit = newReadLimit(ws.StateServerSide, defaultReadLimit, &defaultSettings)
	clientLimit = newReadLimit(ws.StateClientSide, defaultReadLimit, &defaultSettings)
)

func newReadLimit(side ws.State, n int64, s *settings) *readLimit {
	limits := wsproto.Limits{Message: n, Fragments: s.fragments, Controls: s.controls}
	if n == 0 {
		limits.Message = 1 // 0 stands for a default there; see takesNothing
	}
	return &readLimit{wsproto.Config{State: side, Mask: ws.NewMask, Limits: limits}, n}
}

// newConn returns a connection whose handshake is done. ext may be nil.
func newConn(conn net.Conn, side ws.State, subprotocol string, ext wsproto.Extension, s *settings) *Conn {
	c := &Conn{settings: s}
	c.transport.init(conn)
	limit := serverLimit
	if side.ClientSide() {
		limit = clientLimit
	}
	if s.fragments != 0 || s.controls != 0 {
		limit = newReadLimit(side, defaultReadLimit, s)
	}
	c.in.limit.Store(limit)
	c.out.box.Sender.Config = &limit.config
	if ext != nil {
		c.extras().extension = ext
		c.out.box.Sender.Encoder = ext
	}
	c.out.setHold(s.hold)
	if s.queue != nil {
		c.startQueue()
	}
	if s.keepAlive.Interval > 0 {
		c.extras().alive = new(keepAlive)
	}
	if s.rate != nil {
		c.extras().pace = &pace{hurry: make(chan struct{}, 1)}
	}
	if subprotocol != "" {
		c.extras().subprotocol = subprotocol
	}
	if k := s.counters.open(); k != nil {
		c.extras().counting = k
		c.out.box.Count(&k.out)
		if q := c.queue(); q != nil {
			q.counting = k
		}
	}
	return c
}

// startQueue gives the connection a queue.
func (c *Conn) startQueue() {
	q := newSendQueue(*c.settings.queue, c.settings.budget)
	if tell := c.settings.onQueue; tell != nil {
		q.tell = func(s QueueState) { tell(c, s) }
	}
	c.extras().queue = q
	c.transport.limitUnsent(q.q.Rule().NotSentLowat)
}

// extension returns the one that was agreed on, or nil.
func (c *Conn) extension() wsproto.Extension {
	if e := c.extra.Load(); e != nil {
		return e.extension
	}
	return nil
}

// Subprotocol returns the subprotocol that the handshake has agreed on, or "".
func (c *Conn) Subprotocol() string {
	if e := c.extra.Load(); e != nil {
		return e.subprotocol
	}
	return ""
}

// Compressed reports whether the handshake has agreed on compression.
func (c *Conn) Compressed() bool { return c.extension() != nil }

// SetReadLimit sets how many bytes a message may have that begins to be
// received from now on, uncompressed. The default is 32,768; -1 stands for no
// limit. A longer message is [ErrMessageTooBig], and the end of the connection
// with code 1009.
func (c *Conn) SetReadLimit(n int64) {
	c.in.limit.Store(newReadLimit(c.out.box.Sender.Config.State, max(n, -1), c.settings))
}

// LocalAddr returns the local address of the transport.
func (c *Conn) LocalAddr() net.Addr { return c.transport.conn.LocalAddr() }

// RemoteAddr returns the peer's address of the transport.
func (c *Conn) RemoteAddr() net.Addr { return c.transport.conn.RemoteAddr() }
