package websocket

import (
	"cmp"
	"context"
	"errors"

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
func (c *Conn) Write(ctx context.Context, typ MessageType, p []byte) error {
	if c.holdBack(ctx, ws.OpCode(typ), p) {
		return nil
	}
	if err := c.lockMessages(ctx); err != nil {
		return errorf("write", err)
	}
	err := c.writeMessage(ctx, ws.OpCode(typ), p)
	c.unlockWriting()
	if err != nil {
		return errorf("write", err)
	}
	return nil
}

// holdBack is Write for a message that is held back and does not have to wait for
// anything. In any other case it does nothing.
func (c *Conn) holdBack(ctx context.Context, op ws.OpCode, p []byte) (done bool) {
	if c.hold.Load() == 0 || c.deflate != nil || ctx.Err() != nil || !c.writing.tryLock() {
		return false
	}
	if c.cause.Load() == nil && c.proto.Ready() == nil && c.pending()+ws.MaxHeaderSize+len(p) < c.mayHold() {
		if c.out == nil || !watchmen.watches(c) {
			c.outgoing(len(p))
			watchmen.watch(c)
		}
		out, err := c.proto.AppendMessage(c.out.b, op, p)
		c.out.b, done = out, err == nil
	}
	c.unlockWriting()
	return done
}

// lockWriting waits for the turn to write.
func (c *Conn) lockWriting(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !c.writing.tryLock() && !c.writing.lock(ctx.Done(), c.done(), nil) {
		if cause := c.cause.Load(); cause != nil {
			return cause
		}
		return ctx.Err()
	}
	if cause := c.cause.Load(); cause != nil {
		c.unlockWriting()
		return cause
	}
	return nil
}

// lockMessages waits for the turn to write a message: not inside that of a
// Writer.
func (c *Conn) lockMessages(ctx context.Context) error {
	if err := c.lockWriting(ctx); err != nil {
		return err
	}
	if c.proto.Ready() != wsproto.ErrMessageOpen {
		return nil
	}
	c.unlockWriting()
	if err := c.lockMessage(ctx); err != nil {
		return err
	}
	defer c.extras().message.unlock()
	return c.lockWriting(ctx)
}

// lockMessage waits until no Writer is open.
func (c *Conn) lockMessage(ctx context.Context) error {
	if !c.extras().message.lock(ctx.Done(), c.done(), nil) {
		if cause := c.cause.Load(); cause != nil {
			return cause
		}
		return ctx.Err()
	}
	return nil
}

// unlockWriting ends the turn to write, and answers the ping that came in it.
func (c *Conn) unlockWriting() {
	c.writing.unlock()
	for c.late.Load() != nil && c.writing.tryLock() {
		c.sendLate()
		c.writing.unlock()
	}
}

// largeDirect is from how many bytes on a payload is handed to the kernel as it
// is rather than copied behind its header.
const largeDirect = 4 << 10

func (c *Conn) writeMessage(ctx context.Context, op ws.OpCode, p []byte) error {
	before, most := c.pending(), c.mayHold()
	if before+len(p) >= max(most, largeDirect) && c.raw != nil && c.deflate == nil && !c.client() {
		out, _, err := c.proto.AppendMessageHeader(c.outgoing(0), op, int64(len(p)))
		if err != nil {
			return c.notAppended(err)
		}
		c.out.b = out
		return c.flush(ctx, p, before, true)
	}
	out, err := c.proto.AppendMessage(c.outgoing(len(p)), op, p)
	if err != nil {
		return c.notAppended(err)
	}
	c.out.b = out
	return c.dispatch(ctx, most, before, c.deflate == nil)
}

// dispatch writes what has been appended to out, unless it is to wait because
// there are less than most bytes.
func (c *Conn) dispatch(ctx context.Context, most, before int, whole bool) error {
	if len(c.out.b) < most {
		watchmen.watch(c)
		return nil
	}
	return c.flush(ctx, nil, before, whole)
}

// notAppended is for an error of an Append method.
func (c *Conn) notAppended(err error) error {
	if c.pending() == 0 {
		c.drained()
	}
	return c.refused(err)
}

// refused returns what an error of the sending half is to the user.
func (c *Conn) refused(err error) error {
	switch err {
	case wsproto.ErrClosed:
		return cmp.Or(c.writeErr(), err)
	case wsproto.ErrMessageOpCode:
		return errMessageType
	}
	return err
}

var errMessageType = errors.New("the type of a message is MessageText or MessageBinary")

func (c *Conn) client() bool { return c.proto.Config.State.ClientSide() }
