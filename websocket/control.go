package websocket

import (
	"context"
	"errors"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// control deals with a ping or a pong.
func (c *Conn) control(ctx context.Context, ev wsproto.Event) {
	if ev.Op == ws.OpPong {
		if c.settings.onPong != nil {
			c.callHook(func() { c.settings.onPong(ctx, ev.Payload) })
		}
		c.answered(ev.Payload)
		return
	}
	answer := true
	if c.settings.onPing != nil {
		c.callHook(func() { answer = c.settings.onPing(ctx, ev.Payload) })
	}
	if answer {
		c.in.rx.replies = true
		c.answerPing(ev)
	}
}

// callHook calls a function of the user's. If it panics, the connection ends, and
// the panic goes on.
func (c *Conn) callHook(hook func()) {
	returned := false
	defer func() {
		if !returned {
			c.finish(ConnError{By: EndedByUs, Code: ws.StatusAbnormalClosure, Err: errPanic})
		}
	}()
	hook()
	returned = true
}

var errPanic = errors.New("a function of the program has panicked")
