package websocket

import "context"

// CloseRead is for programs that only write: it reads in a goroutine of its
// own, so that pings are answered and the end of the connection is noticed. The
// context that it returns ends with the connection; its cause is the [*ConnError].
// A message that comes ends the connection with 1008. If ctx ends, so does the
// connection. Further calls return the same context.
func (c *Conn) CloseRead(ctx context.Context) context.Context {
	e := c.extras()
	e.closeRead.Lock()
	defer e.closeRead.Unlock()
	if e.readCtx == nil {
		ctx, cancel := context.WithCancelCause(ctx)
		e.readCtx = ctx
		go c.dropInput(ctx, cancel)
	}
	return e.readCtx
}

// dropInput reads until the connection or ctx ends, or a message comes.
func (c *Conn) dropInput(ctx context.Context, ended context.CancelCauseFunc) {
	if _, _, err := c.ReadAppend(ctx, nil); err == nil {
		c.Close(StatusPolicyViolation, "unexpected data message")
	} else {
		c.CloseNow()
	}
	ended(c.end.err())
}
