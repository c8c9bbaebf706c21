package websocket

import (
	"context"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/wsproto"
)

// lockOutput waits for the turn to write.
func (c *Conn) lockOutput(ctx context.Context) error {
	if err := contextErr(ctx); err != nil {
		return err
	}
	if !c.out.lock.tryLock() && !c.out.lock.lock(ctx.Done(), c.end.done()) {
		if err := c.end.err(); err != nil {
			return err
		}
		return ctx.Err()
	}
	err := c.unsent()
	if err != nil {
		c.unlockOutput()
	} else if c.out.inDebt.Load() {
		c.out.pay() // before what is written now
		if c.queue() != nil {
			c.out.owe(nil) // what it was for may be in the queue
		}
	}
	return err
}

// unlockOutput ends the turn to write, and pays the debt that was made in it.
func (c *Conn) unlockOutput() {
	c.releaseOutput()
	if c.out.inDebt.Load() {
		c.settleDebt()
	}
}

func (c *Conn) releaseOutput() {
	if c.out.drains.Load() == drainDue {
		c.out.drains.Store(draining)
		go c.drain()
	}
	c.out.lock.unlock()
}

// settleDebt pays what is owed, unless somebody has the lock and so pays it later.
func (c *Conn) settleDebt() {
	for c.out.inDebt.Load() && c.out.lock.tryLock() {
		c.out.pay()
		switch {
		case c.out.failed.Load() != nil:
			c.out.box.Drop()
		case c.queue() == nil:
			c.flush(sending{})
		default:
			c.pump(sending{})
		}
		c.releaseOutput()
	}
}

// lockOutputSoon takes the lock for a reader, which must not wait for it. If
// somebody else has it, ping (or a flush) becomes a debt.
func (c *Conn) lockOutputSoon(ping *wsproto.Event) bool {
	if c.out.lock.tryLock() {
		return true
	}
	c.out.owe(ping)
	c.settleDebt() // whoever had it may not have seen this
	return false
}

// flushHeld sends what waits, before a reader waits itself. What does not leave
// then is left to a goroutine.
func (c *Conn) flushHeld(s sending) {
	if !c.lockOutputSoon(nil) {
		return
	}
	if c.out.box.Len() > 0 && c.out.failed.Load() == nil && !c.transport.gate.over() {
		s.message.Before = c.out.box.Len()
		if c.flush(s); c.out.box.Len() > 0 {
			c.out.drainLater()
		}
	}
	c.unlockOutput()
}

// drain gives the lock back after each flush, so that control frames get their
// turn.
func (c *Conn) drain() {
	for more := true; more; {
		if !c.out.lock.lock(nil, c.end.done()) {
			return
		}
		if c.out.inDebt.Load() {
			c.out.pay()
		}
		if more = c.out.failed.Load() == nil && c.drainSome(); !more {
			c.out.drains.Store(noDrain)
		}
		c.unlockOutput()
	}
}

// drainSome writes what waits, and what is taken from the queue for that. It
// reports whether there is more: a pong that has waited for room, or messages.
func (c *Conn) drainSome() (more bool) {
	payload := c.load(waiting, endpoint.HoldReplies) // little: it may have to wait for long
	s := c.everything(context.Background())
	if payload != nil {
		s.message.Payload, s.message.Fixed, s.message.Bounded = payload, true, true
	}
	if c.flush(s) != nil {
		return false
	}
	return c.out.box.Len() > 0 || c.out.box.Sender.Ready() == nil && c.queue().ready()
}

// maxPumped is how often pump turns to the queue, if not everything is to be
// waited for: whoever pays a debt has something else to do.
const maxPumped = 4

// pump writes what waits, and then all that waits in the queue. If s is atOnce, it
// ends when the transport takes no more, and a goroutine goes on. It needs the
// lock.
func (c *Conn) pump(s sending) error {
	for n := 0; s.way == waiting || n < maxPumped && c.out.drains.Load() == noDrain; n++ {
		if c.out.inDebt.Load() {
			c.out.pay()
		}
		payload := c.load(s.way, endpoint.HoldBatch)
		if c.out.box.Len()+len(payload) == 0 {
			break
		}
		s.message = endpoint.Unsent{Before: c.out.box.Len(), Payload: payload, Fixed: true, Bounded: true}
		if err := c.flush(s); err != nil {
			return err
		}
	}
	if c.out.box.Len() > 0 || c.queue().ready() { // a long one, or too many
		c.out.drainLater()
	}
	return nil
}

// load appends messages of the queue to what waits, as long as that is less than h
// with them, or the header of one to which payload belongs. A long message is left
// to somebody who waits. It needs the lock.
func (c *Conn) load(w way, h endpoint.Hold) (payload []byte) {
	for q := c.queue(); q != nil && payload == nil; {
		if c.out.box.Sender.Ready() != nil {
			break
		}
		n := c.out.box.Len()
		m, ok := q.take(want{room: int(h) - n, first: n == 0, long: w == waiting, closing: c.end.err() != nil})
		if !ok {
			break
		}
		u, err := c.put(m)
		if payload = u.Payload; err != nil {
			q.end(c.notSent(err)) // nothing can be encoded any more
		}
	}
	return payload
}

// awaitTurn waits for a turn in the queue. It also ends when the connection does, as
// far as writing goes: see unsent.
func (c *Conn) awaitTurn(ctx context.Context, t *turn) error {
	e := endpoint.Entry[outgoing]{Message: outgoing{turn: t}, Turn: true}
	if _, err := c.queue().add(e, false); err != nil {
		return err
	}
	c.out.owe(nil)
	c.settleDebt()
	select {
	case <-t.come:
		return nil
	case <-ctx.Done():
		c.endTurn(t)
		return ctx.Err()
	}
}

// endTurn gives the turn to whatever comes next in the queue.
func (c *Conn) endTurn(t *turn) {
	c.queue().endTurn(t)
	c.out.owe(nil)
	c.settleDebt()
}
