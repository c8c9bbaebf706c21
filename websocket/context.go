package websocket

import "context"

// Context returns a context that is cancelled when the connection has ended, with
// the [*ConnError] as its context.Cause. It has the values of the one that it is given,
// but neither its deadline nor its end: net/http ends the context of a request when
// the handler returns, and the connection may go on. In a handler that is
//
//	ctx := c.Context(r.Context())
//
// context.Background has no values. There is no goroutine for it, and a connection
// that is not asked holds nothing for it. It does not read: as long as nobody does,
// the end of the peer is not noticed. See CloseRead for programs that only write.
func (c *Conn) Context(values context.Context) context.Context {
	e := c.extras()
	if e.context.Load() == nil {
		e.context.CompareAndSwap(nil, newEndContext())
	}
	ends := e.context.Load()
	if c.end.over() {
		c.tellEnd()
	}
	return connContext{ends.Context, values}
}

// endContext is a context that ends with a connection.
type endContext struct {
	context.Context
	end context.CancelCauseFunc
}

func newEndContext() *endContext {
	ctx, cancel := context.WithCancelCause(context.Background())
	return &endContext{ctx, cancel}
}

// connContext is an endContext with the values of another context.
type connContext struct {
	context.Context
	values context.Context
}

// Value returns the value for key. Package context has keys of its own, to find out
// what ends a context: these are answered by the one that ends.
func (c connContext) Value(key any) any {
	if v := c.Context.Value(key); v != nil {
		return v
	}
	return c.values.Value(key)
}

// opened calls OnOpen of the options for a connection whose handshake is done.
func (c *Conn) opened(ctx context.Context, onOpen func(context.Context, *Conn) func(*ConnError)) {
	if onOpen == nil {
		return
	}
	var onEnd func(*ConnError)
	c.callHook(func() { onEnd = onOpen(context.WithoutCancel(ctx), c) })
	if onEnd == nil {
		return
	}
	c.extras().onEnd.Store(&onEnd)
	if c.end.over() {
		c.tellEnd()
	}
}
