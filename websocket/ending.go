package websocket

import (
	"net"
	"sync"
	"sync/atomic"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// closeTimeout is how long Close takes at most, and how long the peer has for
// each step of a closing handshake that it has begun or caused.
const closeTimeout = wsproto.DefaultCloseTimeout

// ending is how the connection ends, for all its goroutines: endpoint.Ending
// guarded by a lock, with what is asked for often beside it.
type ending struct {
	mu    sync.Mutex
	state endpoint.Ending               // guarded by mu
	cause atomic.Pointer[ConnError]     // state.Cause()
	ended atomic.Pointer[chan struct{}] // what done returns
	asked atomic.Bool                   // by Close or CloseNow: whatever comes now is not wanted
}

// happen notes what has happened, and reports whether that is the cause of the
// end.
func (e *ending) happen(what endpoint.Happening, cause ConnError) (begun bool) {
	explain(&cause)
	e.mu.Lock()
	defer e.mu.Unlock()
	begun = e.state.Happen(what, cause)
	e.cause.Store(e.state.Cause())
	return begun
}

// err returns why the connection ends, and nil as long as it does not: a
// *ConnError that is nil would be an error.
func (e *ending) err() error {
	if cause := e.cause.Load(); cause != nil {
		return cause
	}
	return nil
}

// explain adds what users of this package look for in an error.
func explain(cause *ConnError) {
	cause.Causes = []error{net.ErrClosed}
	if r := cause.Received; r != nil {
		cause.Causes = append(cause.Causes, CloseError{StatusCode(r.Code), r.Reason})
	}
}

// closedChan is what done returns if nobody has asked before the end.
var closedChan = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// done returns a channel that is closed when the transport has been.
func (e *ending) done() <-chan struct{} {
	if e.ended.Load() == nil {
		ch := make(chan struct{})
		e.ended.CompareAndSwap(nil, &ch)
	}
	return *e.ended.Load()
}

// close closes what done returns.
func (e *ending) close() {
	if !e.ended.CompareAndSwap(nil, &closedChan) {
		close(*e.ended.Load())
	}
}

// over reports whether what done returns is closed.
func (e *ending) over() bool {
	ch := e.ended.Load()
	if ch == nil {
		return false
	}
	select {
	case <-*ch:
		return true
	default:
		return false
	}
}

// finish ends the connection, for cause unless another one was known before.
func (c *Conn) finish(cause ConnError) {
	c.end.happen(endpoint.TransportClosed, cause)
	if c.transport.close() {
		c.release()
		c.end.close()
		c.tellEnd()
	}
}

// release lets go of what the connection has besides its transport: a timer, and
// its part of what connections hold together.
func (c *Conn) release() {
	c.queue().end(c.end.err())
	e := c.extra.Load()
	if e == nil {
		return
	}
	if e.alive != nil {
		e.alive.end()
	}
	if deflate, ok := e.extension.(*wsflate.Deflate); ok {
		deflate.Release()
	}
	e.charge.end(c.settings.budget)
	if e.counting != nil {
		c.countLast()
		e.counting.ended(c.end.cause.Load().By)
	}
}

// tellEnd tells whoever has asked for it that the connection has ended.
func (c *Conn) tellEnd() {
	e := c.extra.Load()
	if e == nil {
		return
	}
	end := c.end.cause.Load()
	if ctx := e.context.Load(); ctx != nil {
		ctx.end(end)
	}
	if onEnd := e.onEnd.Swap(nil); onEnd != nil {
		(*onEnd)(end)
	}
}
