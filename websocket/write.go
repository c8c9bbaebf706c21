package websocket

import (
	"context"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
)

// Write sends a message. It returns when the kernel has taken it, or, where
// replies are held back, when there is a copy of it; p is the caller's again.
// A text is not checked to be UTF-8.
//
// If the error is ctx's, the connection goes on. If nothing of the message had been
// sent, nothing will be. If some of it had, the rest, up to 64 KiB, is kept and sent
// before whatever comes next; more is the end of the connection, and a *ConnError. With
// compression, a message can be taken back only until its turn to be sent has come;
// after that, all of it counts as such a rest.
//
// If the transport has refused to take something, nothing more can be sent, and
// Write returns a [*ConnError] from then on. What the peer has sent before can
// still be read.
func (c *Conn) Write(ctx context.Context, typ MessageType, p []byte) error {
	if c.queue() != nil {
		return c.enqueue(ctx, Outgoing{Type: typ, Data: p})
	}
	if c.holdBack(ctx, ws.OpCode(typ), p) {
		return nil
	}
	return c.write(ctx, outgoing{op: ws.OpCode(typ), p: p})
}

// WriteUncompressed is Write for a message that is not to be compressed, whatever the
// handshake has agreed on: a picture or an archive, which would cost time and become
// no shorter, or a secret that must not be compressed beside what others have a say
// in. Outgoing.Uncompressed is the same for Enqueue. Short messages need no such
// choice, see CompressionThreshold.
func (c *Conn) WriteUncompressed(ctx context.Context, typ MessageType, p []byte) error {
	switch {
	case c.extension() == nil:
		return c.Write(ctx, typ, p)
	case c.queue() != nil:
		return c.enqueue(ctx, Outgoing{Type: typ, Data: p, Uncompressed: true})
	}
	return c.write(ctx, outgoing{op: ws.OpCode(typ), p: p, plain: true})
}

// write is Write for a message that is not held back at once.
func (c *Conn) write(ctx context.Context, m outgoing) error {
	if err := c.lockMessages(ctx); err != nil {
		return errorf("write", err)
	}
	err := c.writeMessage(ctx, m)
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
	// What is owed comes before what is written now: unlockOutput pays it.
	if c.unsent() == nil && !c.out.inDebt.Load() && box.Fits(hold, len(p)) {
		if done = box.Message(op, p) == nil; done && !c.out.late.Load() {
			c.flushLate()
		}
	}
	c.unlockOutput()
	return done
}
