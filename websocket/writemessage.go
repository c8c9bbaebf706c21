package websocket

import (
	"context"

	"github.com/wirews/wirews/wsproto"
)

// lockMessages waits for the turn to write a message: not inside that of a
// Writer.
func (c *Conn) lockMessages(ctx context.Context) error {
	if err := c.lockOutput(ctx); err != nil {
		return err
	}
	if c.out.box.Sender.Ready() != wsproto.ErrMessageOpen {
		return nil
	}
	c.unlockOutput()
	if err := c.lockMessage(ctx); err != nil {
		return err
	}
	defer c.extras().message.unlock()
	return c.lockOutput(ctx)
}

// lockMessage waits until no Writer is open.
func (c *Conn) lockMessage(ctx context.Context) error {
	if c.extras().message.lock(ctx.Done(), c.end.done()) {
		return nil
	}
	if err := c.end.err(); err != nil {
		return err
	}
	return ctx.Err()
}

// writeMessage appends m to what waits, and sends all of it if it is due. It needs
// the lock of the output.
func (c *Conn) writeMessage(ctx context.Context, m outgoing) error {
	u, err := c.put(m)
	if err != nil {
		return c.notSent(err)
	}
	return c.sendDue(sending{way: waiting, ctx: ctx, message: u})
}

// sendDue sends what waits, unless it may wait for more.
func (c *Conn) sendDue(s sending) error {
	if s.message.Payload == nil && !c.out.box.Due(c.out.holding()) {
		c.flushLate()
		return nil
	}
	return c.flush(s)
}
