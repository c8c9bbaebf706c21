package websocket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
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
	conn     net.Conn
	raw      syscall.RawConn // nil: conn does not lend its descriptor
	deflate  *wsflate.Deflate
	settings *settings
	limit    atomic.Pointer[readLimit]
	extra    atomic.Pointer[extra] // what few connections need

	reading lock
	rx      *receiving            // guarded by reading; nil while it waits for a message
	ready   func(fd uintptr) bool // c.read, made once
	rwatch  atomic.Pointer[watch]

	writing lock
	proto   wsproto.Sender // guarded by writing
	out     *buffer        // what the kernel has not taken yet
	wwatch  atomic.Pointer[watch]
	late    atomic.Pointer[latePong]

	cause atomic.Pointer[ConnError]     // why it ends; set by the first who knows
	ended atomic.Pointer[chan struct{}] // what done returns

	post    uint8        // where the watchman looks for it
	waiting bool         // guarded by reading: a read has had to wait
	seen    atomic.Bool  // it is on the watchman's list
	hold    atomic.Int32 // how many bytes of what is written may be held back
	serving atomic.Int32
	closing atomic.Bool // by Close or CloseNow
	inside  callback    // and whether finish has been called
}

// extra is what few connections need.
type extra struct {
	subprotocol string
	message     lock // held by an open Writer
	pings       pings
	unsent      atomic.Pointer[ConnError] // why nothing can be sent any more; see writeFailed
	closeRead   sync.Once
	readCtx     context.Context // of CloseRead
	silence     [32]byte        // where to wait, if not in a buffer
}

func (c *Conn) extras() *extra {
	if e := c.extra.Load(); e != nil {
		return e
	}
	c.extra.CompareAndSwap(nil, new(extra))
	return c.extra.Load()
}

// settings are what the options come to. They are shared and do not change.
type settings struct {
	onPing func(ctx context.Context, payload []byte) bool
	onPong func(ctx context.Context, payload []byte)

	readTimeout, writeTimeout time.Duration
	hold                      int32 // what Conn.hold is outside of Serve
	threshold                 int64 // of compression, as in the options
}

// defaultReadLimit is that of SetReadLimit, in bytes.
const defaultReadLimit = 32768

// readLimit is what SetReadLimit comes to.
type readLimit struct {
	config wsproto.Config
	bytes  int64
}

// Connections with the default limit share these.
var (
	serverLimit = newReadLimit(ws.StateServerSide, defaultReadLimit)
	clientLimit = newReadLimit(ws.StateClientSide, defaultReadLimit)
)

func newReadLimit(side ws.State, n int64) *readLimit {
	limits := wsproto.Limits{Message: n}
	if n == 0 {
		limits.Message = 1 // 0 stands for a default there; see nextEvent
	}
	return &readLimit{wsproto.Config{State: side, Mask: ws.NewMask, Limits: limits}, n}
}

// epoch is what the times of package wsproto count from.
var epoch = time.Now()

func now() time.Duration { return time.Since(epoch) }

// newConn returns a connection whose handshake is done. d may be nil.
func newConn(conn net.Conn, side ws.State, subprotocol string, d *wsflate.Deflate, s *settings) *Conn {
	c := &Conn{conn: conn, deflate: d, settings: s}
	limit := serverLimit
	if side.ClientSide() {
		limit = clientLimit
	}
	c.limit.Store(limit)
	c.proto.Config = &limit.config
	if d != nil {
		c.proto.Encoder = d
	}
	if subprotocol != "" {
		c.extras().subprotocol = subprotocol
	}
	c.post = uint8(nextPost.Add(1))
	c.hold.Store(s.hold)
	if rawio.Supported {
		// A type of somebody else's may do more than these in its methods.
		switch conn := conn.(type) {
		case *net.TCPConn:
			c.raw, _ = conn.SyscallConn()
		case *net.UnixConn:
			c.raw, _ = conn.SyscallConn()
		}
	}
	return c
}

// Subprotocol returns the subprotocol that the handshake has agreed on, or "".
func (c *Conn) Subprotocol() string {
	if e := c.extra.Load(); e != nil {
		return e.subprotocol
	}
	return ""
}

// SetReadLimit sets how many bytes a message may have that begins to be
// received from now on, uncompressed. The default is 32,768; -1 stands for no
// limit. A longer message is ErrMessageTooBig, and the end of the connection
// with code 1009.
func (c *Conn) SetReadLimit(n int64) {
	c.limit.Store(newReadLimit(c.proto.Config.State, max(n, -1)))
}

// applyLimit gives the receiving half the limit that holds from now on, unless
// a message has begun.
func (c *Conn) applyLimit() {
	proto := &c.rx.proto
	if config := &c.limit.Load().config; config != proto.Config && !proto.Inside() {
		proto.Config = config
	}
}

// LocalAddr returns the local address of the transport.
func (c *Conn) LocalAddr() net.Addr { return c.conn.LocalAddr() }

// RemoteAddr returns the peer's address of the transport.
func (c *Conn) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }

// finish ends the connection, for cause unless another one was known before.
func (c *Conn) finish(cause *ConnError) {
	c.cause.CompareAndSwap(nil, cause)
	if !c.inside.close(c.conn) {
		return
	}
	for _, w := range []*atomic.Pointer[watch]{&c.rwatch, &c.wwatch} {
		if w := w.Load(); w != nil {
			w.forget()
		}
	}
	if !c.ended.CompareAndSwap(nil, &closedChan) {
		close(*c.ended.Load())
	}
}

// closedChan is what done returns if nobody has asked before the end.
var closedChan = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// done returns a channel that is closed when the transport has been.
func (c *Conn) done() <-chan struct{} {
	if c.ended.Load() == nil {
		ch := make(chan struct{})
		c.ended.CompareAndSwap(nil, &ch)
	}
	return *c.ended.Load()
}

// broken says that the transport has failed: it ends the connection, and
// returns why that has ended.
func (c *Conn) broken(by EndedBy, err error) error {
	cause := &ConnError{By: by, Code: StatusAbnormalClosure, Err: err}
	c.learn(cause)
	c.finish(cause)
	return c.err()
}

// cutOff ends the connection because err, of the context of a Write or a Writer,
// has left a frame or a message unfinished. The error that it returns, that of
// this call, wraps err. Those of later calls do not: whoever goes on after a
// timeout would go on for ever.
func (c *Conn) cutOff(err error) error {
	cause := &ConnError{By: EndedByUs, Code: StatusAbnormalClosure, Err: fmt.Errorf("%w: %v", errCutOff, err)}
	c.learn(cause)
	c.finish(cause)
	own := *c.cause.Load()
	own.Err = err
	return &own
}

var errCutOff = errors.New("a write ended inside a frame or a message")

// writeFailed says that the transport has refused err. That ends writing only:
// what the peer sent before is still read, and its close frame says more about
// why the connection ends. The end has to come within five seconds of reading.
// It needs the writing lock, and returns what calls that write return.
func (c *Conn) writeFailed(err error) error {
	c.proto.AppendAnswer(nil, wsproto.Event{}, io.EOF, now()) // from here on it refuses everything
	e := c.extras()
	e.unsent.CompareAndSwap(nil, &ConnError{By: EndedByTransport, Code: StatusAbnormalClosure, Err: err})
	if c.cause.Load() != nil {
		c.learn(&ConnError{Err: besides(nil, err)})
	}
	c.watchOf(&c.rwatch).extend(closeTimeout)
	return c.writeErr()
}

// unsent returns the error of the write that has failed, or nil.
func (c *Conn) unsent() *ConnError {
	if e := c.extra.Load(); e != nil {
		return e.unsent.Load()
	}
	return nil
}

// writeErr returns why nothing can be written, and nil as long as it can.
func (c *Conn) writeErr() error {
	if cause := c.cause.Load(); cause != nil {
		return cause
	}
	if failed := c.unsent(); failed != nil {
		return failed
	}
	return nil
}

// err returns why the connection ends, and nil as long as it does not: a
// *ConnError that is nil would be an error.
func (c *Conn) err() error {
	if cause := c.cause.Load(); cause != nil {
		return cause
	}
	return nil
}
