package websocket

import (
	"context"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Write sends a message. It returns when the kernel has taken it, or, where
// replies are held back, when there is a copy of it; p is the caller's again.
// A text is not checked to be UTF-8.
//
// If the error is ctx's, the connection goes on. If nothing of the message had
// been sent, nothing will be. If some of it had, the rest, up to 64 KiB, is
// kept and sent before whatever comes next; more is the end of the connection,
// and a *ConnError. Where compression was agreed on, a message cannot be taken
// back once it was its turn, and all of it is such a rest.
//
// If the transport has refused to take something, nothing more can be sent, and
// Write returns a *ConnError from then on. What the peer has sent before can
// still be read.
func (c *Conn) Write(ctx context.Context, typ MessageType, p []byte) error {
	if c.holdBack(ctx, ws.OpCode(typ), p) {
		return nil
	}
	if err := c.lockMessages(ctx); err != nil {
		return errorf("write", err)
	}
	err := c.writeMessage(ctx, ws.OpCode(typ), p)
	c.unlockOutput()
	if err != nil {
		return errorf("write", err)
	}
	return nil
}

// holdBack is Write for a message that is held back and does not have to wait for
// anything. In any other case it does nothing.
func (c *Conn) holdBack(ctx context.Context, op ws.OpCode, p []byte) (done bool) {
	hold := c.out.holding()
	if hold == endpoint.HoldNothing || c.extension() != nil || contextErr(ctx) != nil || !c.out.lock.tryLock() {
		return false
	}
	box := &c.out.box
	hold = c.out.holding() // what was handled may have been flushed before the lock was taken
	if c.unsent() == nil && box.Fits(hold, len(p)) {
		if done = box.Message(op, p) == nil; done && !c.out.late.Load() {
			c.flushLate()
		}
	}
	c.unlockOutput()
	return done
}

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

// largeDirect is from how many bytes on a payload is handed to the kernel as it
// is rather than copied after its header.
const largeDirect = 4 << 10

func (c *Conn) writeMessage(ctx context.Context, op ws.OpCode, p []byte) error {
	box := &c.out.box
	before := box.Len()
	if c.direct(len(p)) && c.extension() == nil {
		if err := box.Head(op, len(p)); err != nil {
			return c.notSent(err)
		}
		return c.flush(sending{way: waiting, ctx: ctx, message: endpoint.Unsent{Before: before, Payload: p}})
	}
	if err := box.Message(op, p); err != nil {
		return c.notSent(err)
	}
	return c.sendDue(ctx, endpoint.Unsent{Before: before, Fixed: c.extension() != nil})
}

// direct reports whether n bytes of payload are to be sent as they lie, because
// they would be due anyway.
func (c *Conn) direct(n int) bool {
	due := max(int(c.out.holding()), largeDirect)
	return c.out.box.Len()+n >= due && c.transport.raw != nil && !c.client()
}

// sendDue sends what waits, unless it may wait for more.
func (c *Conn) sendDue(ctx context.Context, message endpoint.Unsent) error {
	if !c.out.box.Due(c.out.holding()) {
		c.flushLate()
		return nil
	}
	return c.flush(sending{way: waiting, ctx: ctx, message: message})
}
