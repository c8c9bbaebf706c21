package websocket

import "context"

// pinged calls the hook for pings, which says whether to answer it.
func (c *Conn) pinged(ctx context.Context, payload []byte) (answer bool) {
	panicked := true
	defer c.afterHook(&panicked)
	answer = c.settings.onPing(ctx, payload)
	panicked = false
	return answer
}

// ponged calls the hook for pongs.
func (c *Conn) ponged(ctx context.Context, payload []byte) {
	panicked := true
	defer c.afterHook(&panicked)
	c.settings.onPong(ctx, payload)
	panicked = false
}

// afterHook ends the connection if a hook has panicked. The panic goes on, and
// whoever has called the hook gives its locks back by defer.
func (c *Conn) afterHook(panicked *bool) {
	if *panicked {
		c.finish(&ConnError{By: EndedByUs, Code: StatusAbnormalClosure, Err: errPanic})
	}
}
