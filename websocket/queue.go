package websocket

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/internal/receipt"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Queue bounds the messages that wait because the peer takes them more slowly
// than they are written, and says what happens to those that do not fit. It is set
// in [AcceptOptions] and [DialOptions]; see [Conn.Enqueue]. Its fields are those of
// [wsproto.Queue]: Bytes, Messages, WhenFull, CloseCode, HighWater, LowWater and
// NotSentLowat.
type Queue = wsproto.Queue

// QueuePolicy is what happens to a message for which a [Queue] has no room.
type QueuePolicy = wsproto.QueuePolicy

// The policies of a Queue.
const (
	// QueueBlock: whoever writes it waits for room, as long as its context allows.
	QueueBlock = wsproto.QueueBlock
	// QueueDropOldest: the messages that have waited longest give way to it.
	QueueDropOldest = wsproto.QueueDropOldest
	// QueueDropNewest: it is dropped itself.
	QueueDropNewest = wsproto.QueueDropNewest
	// QueueKeepLatest: as QueueDropOldest; besides, a message with a key takes the
	// place of the one with the same key that waits.
	QueueKeepLatest = wsproto.QueueKeepLatest
	// QueueClose: the connection is closed with 1013 (Try Again Later), or the
	// CloseCode of the Queue.
	QueueClose = wsproto.QueueClose
)

// What becomes of messages that a Queue does not send.
const (
	// ErrQueueFull: there was no room, and the policy is QueueDropNewest or
	// QueueClose, or the message must not wait for room.
	ErrQueueFull = wsproto.ErrQueueFull
	// ErrDropped: it gave way to newer ones.
	ErrDropped = wsproto.ErrDropped
	// ErrReplaced: a newer one with the same key has taken its place.
	ErrReplaced = wsproto.ErrReplaced
	// ErrExpired: its deadline came before its turn.
	ErrExpired = wsproto.ErrExpired
	// ErrLongerThanQueue: it has more bytes than may wait.
	ErrLongerThanQueue = wsproto.ErrLongerThanQueue
)

// Outgoing is a message for Enqueue.
type Outgoing struct {
	// Type and Data are the message. Data is copied if it has to wait.
	Type MessageType
	Data []byte
	// Prepared is the message instead, if it is not nil. It is not copied.
	Prepared *PreparedMessage
	// Uncompressed has it sent as it is, as by WriteUncompressed.
	Uncompressed bool
	// Key is what QueueKeepLatest goes by. Empty: no other message takes its place.
	Key string
	// Deadline is by when the message has to begin to be sent. After that it is
	// dropped, with ErrExpired. Zero: none.
	Deadline time.Time
	// Receipt is told what becomes of the message. nil: nobody asks.
	Receipt *Receipt
}

// Receipt tells what has become of a message that was enqueued: it gets exactly
// one outcome. That is nil once the transport has taken all of the message, which
// does not mean that the peer has received it; [ErrDropped], [ErrReplaced] or
// [ErrExpired]; the [*ConnError] of a connection that has ended before; or whatever
// Enqueue has returned. The zero value is ready, for one message: to use it for
// another one panics.
type Receipt = receipt.Receipt

// Drops counts messages that were enqueued, or were to be, and have not been
// sent.
type Drops = wsproto.Drops

// QueueState is how a queue is: Messages and Bytes that wait, whether it is High, and
// what was Dropped. Its fields are those of [wsproto.QueueState].
type QueueState = wsproto.QueueState

var errNoQueue = errors.New("the connection has no queue; set Queue in AcceptOptions or DialOptions")

// Enqueue sends a message as soon as the messages before it have left and the
// peer takes it. It does not wait for that, but with [QueueBlock] for room in the
// queue, as long as ctx allows. An error says that the message will not be sent,
// which with [QueueDropNewest] and [QueueClose] may be [ErrQueueFull]; nil does not say
// that it will: a [Receipt] does.
//
// On a connection with a [Queue], Write and WritePrepared are the same as this.
func (c *Conn) Enqueue(ctx context.Context, m Outgoing) error {
	receipt.Claim(m.Receipt)
	if c.queue() == nil {
		return m.refused(errorf("enqueue", errNoQueue))
	}
	return c.enqueue(ctx, m)
}

// Deliver is Enqueue for what goes to many: it waits for nothing, not even with
// [QueueBlock], where a full queue is [ErrQueueFull].
func (c *Conn) Deliver(m *PreparedMessage, key string) error {
	if c.queue() == nil {
		return errorf("deliver", errNoQueue)
	}
	out := Outgoing{Prepared: m, Key: key}
	e, err := out.entry()
	if err == nil {
		_, err = c.tryEnqueue(e, false)
	}
	if err != nil {
		return c.notEnqueued("deliver", err)
	}
	return nil
}

// Broadcast sends m to connections, which must have a [Queue]: none of them is
// waited for. It returns how many have refused it, by Deliver.
func Broadcast(m *PreparedMessage, to iter.Seq[*Conn]) (refused int) {
	for c := range to {
		if c.Deliver(m, "") != nil {
			refused++
		}
	}
	return refused
}

// QueueState returns how the queue is. Without a [Queue] it is zero.
func (c *Conn) QueueState() QueueState { return c.queue().state() }

// Flush sends what is held back, and waits until the transport has taken it and
// all that is in the queue by now, also the message of a Writer that is open. If ctx
// ends before, the rest is sent later.
func (c *Conn) Flush(ctx context.Context) error {
	if err := c.flushAll(ctx); err != nil {
		return errorf("flush", err)
	}
	return nil
}

// flushAll has a place in the queue, as a Writer has. So it waits for what is before
// it, and holds no lock meanwhile: pings and pongs go on.
func (c *Conn) flushAll(ctx context.Context) error {
	if err := contextErr(ctx); err != nil {
		return err
	}
	if c.queue() != nil {
		t := newTurn()
		if err := c.awaitTurn(ctx, t); err != nil {
			return err
		}
		defer c.endTurn(t)
	}
	if err := c.lockOutput(ctx); err != nil {
		return err
	}
	defer c.unlockOutput()
	return c.flush(c.everything(ctx))
}

// refused is the outcome of a message that was not enqueued.
func (m *Outgoing) refused(err error) error {
	if m.Receipt != nil {
		receipt.Settle(m.Receipt, err)
	}
	return err
}

func (c *Conn) enqueue(ctx context.Context, m Outgoing) error {
	e, err := m.entry()
	if err == nil {
		err = contextErr(ctx)
	}
	if err == nil {
		err = c.enqueueOrWait(ctx, e)
	}
	if err != nil {
		return m.refused(c.notEnqueued("write", err))
	}
	return nil
}

// entry returns the message as the queue has it.
func (m *Outgoing) entry() (e endpoint.Entry[outgoing], err error) {
	e.Key = m.Key
	e.Message = outgoing{op: ws.OpCode(m.Type), p: m.Data, prepared: m.Prepared, plain: m.Uncompressed, receipt: m.Receipt}
	if m.Prepared != nil {
		m.Type = MessageType(m.Prepared.OpCode())
	}
	if m.Type != MessageText && m.Type != MessageBinary {
		return e, errMessageType
	}
	if e.Size = e.Message.size(); !m.Deadline.IsZero() {
		e.Deadline = endpoint.DeadlineAfter(now(), time.Until(m.Deadline))
	}
	return e, nil
}

// enqueueOrWait waits for room, if the policy wants that. Others wait for their
// turn to do so: a long message is not passed over by short ones.
func (c *Conn) enqueueOrWait(ctx context.Context, e endpoint.Entry[outgoing]) error {
	q := c.queue()
	wait := q.q.Rule().WhenFull == QueueBlock
	if wait {
		if !q.inTurn.lock(ctx.Done(), c.end.done()) {
			return c.cancelled(ctx)
		}
		defer q.inTurn.unlock()
	}
	for {
		room, err := c.tryEnqueue(e, wait)
		if room == nil {
			return err
		}
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		case <-c.end.done():
			return c.end.err()
		}
	}
}

// tryEnqueue sends a message, or enqueues it. room is not nil if it is to be
// waited for.
func (c *Conn) tryEnqueue(e endpoint.Entry[outgoing], wait bool) (room <-chan struct{}, err error) {
	if e.Size < longMessage && e.Deadline == 0 && c.out.lock.tryLock() {
		direct, err := c.sendDirect(e.Message)
		c.unlockOutput()
		if direct {
			return nil, err
		}
	}
	if err := c.unsent(); err != nil {
		return nil, err
	}
	if e.Message.prepared == nil {
		e.Message.p = append([]byte(nil), e.Message.p...)
	}
	if room, err = c.queue().add(e, wait); err == nil {
		c.out.owe(nil)
		c.settleDebt()
	}
	return room, err
}

// sendDirect sends a message if nothing is before it, and reports whether it did.
// It needs the lock of the output.
func (c *Conn) sendDirect(m outgoing) (direct bool, err error) {
	if c.unsent() != nil || c.out.drains.Load() != noDrain || c.out.box.Sender.Ready() != nil {
		return false, nil
	}
	if c.out.inDebt.Load() {
		c.out.pay()
	}
	if !c.queue().empty() {
		return false, nil
	}
	u, err := c.put(m)
	if err == nil {
		u.Fixed, u.Bounded = true, true
		err = c.sendDue(sending{message: u})
	}
	if err == nil && m.receipt != nil {
		c.queue().passed(m, c.out.box.Len() == 0)
	}
	return true, err
}

// notEnqueued is for a message that was refused. It may be the end of the
// connection.
func (c *Conn) notEnqueued(doing string, err error) error {
	rule := c.queue().q.Rule()
	switch {
	case err == wsproto.ErrOverBudget:
		c.closeSlow(ws.StatusTryAgainLater, err)
	case err == ErrQueueFull && rule.WhenFull == QueueClose:
		c.closeSlow(rule.CloseCode, err)
	}
	return errorf(doing, err)
}

// closeSlow closes the connection to a peer that is too slow, without waiting for
// it. Nothing but the close frame is sent any more.
func (c *Conn) closeSlow(code ws.StatusCode, err error) {
	c.closeLater(ConnError{By: EndedByUs, Code: code, Reason: wsproto.CloseReason(err), Err: err}, true)
}
