package wspoll

import (
	"time"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/internal/receipt"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// PreparedMessage is a message for many connections: it is encoded and compressed
// once for all that have agreed on the same.
type PreparedMessage = wsflate.PreparedMessage

// Receipt tells what has become of a message that was enqueued; see Conn.Enqueue.
type Receipt = receipt.Receipt

// Outgoing is a message for Enqueue.
type Outgoing struct {
	// Op and Payload are the message. Payload is copied if it has to wait.
	Op      ws.OpCode
	Payload []byte
	// Prepared is the message instead, if it is not nil. It is not copied.
	Prepared *PreparedMessage
	// Key is what wsproto.QueueKeepLatest goes by. Empty: no other message takes its
	// place.
	Key string
	// Deadline is by when the message has to begin to be sent. When its turn comes
	// after that, it is dropped, with wsproto.ErrExpired. Zero: none.
	Deadline time.Time
	// Receipt is told what becomes of the message. nil: nobody asks.
	Receipt *Receipt
}

// QueueState is how the queue of a connection is.
type QueueState struct {
	// Messages and Bytes are what waits.
	Messages, Bytes int
	// High says that the queue has reached its HighWater, and has not been down to its
	// LowWater since.
	High bool
	// Dropped counts what has not been sent.
	Dropped wsproto.Drops
}

// queue is what waits for a slow peer, besides what is being sent. A connection has
// one from when the first message has to wait.
type queue struct {
	endpoint.Queue[outgoing]
	direct []*Receipt // of messages that did not wait, and are being sent
}

// outgoing is a message in a queue.
type outgoing struct {
	op       ws.OpCode
	p        []byte
	prepared *PreparedMessage
	receipt  *Receipt
}

// Outcome tells the receipt.
func (m outgoing) Outcome(err error) {
	if m.receipt != nil {
		receipt.Settle(m.receipt, err)
	}
}

// Enqueue is Write with all that can be said of a message. An error is the outcome of
// its Receipt too.
func (c *Conn) Enqueue(m Outgoing) error {
	e := endpoint.Entry[outgoing]{
		Message: outgoing{m.Op, m.Payload, m.Prepared, m.Receipt},
		Size:    len(m.Payload),
		Key:     m.Key,
	}
	if m.Prepared != nil {
		e.Size = len(m.Prepared.Payload())
	}
	if !m.Deadline.IsZero() {
		e.Deadline = max(c.loop.clock()+time.Until(m.Deadline), 1) // 0 is none
	}
	err := c.put(e)
	if err != nil {
		e.Message.Outcome(err)
	}
	return err
}

// QueueState returns how the queue is.
func (c *Conn) QueueState() (s QueueState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if q := c.queue; q != nil {
		s.Messages, s.Bytes = q.Waiting()
		s.High, s.Dropped = q.High(), q.Drops()
	}
	return s
}

// put sends a message, or enqueues it.
func (c *Conn) put(e endpoint.Entry[outgoing]) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.unsendable(); err != nil {
		return err
	}
	if c.mustWait() {
		return c.enqueue(e)
	}
	if err := c.written(c.encode(e.Message)); err != nil {
		return err
	}
	if e.Message.receipt != nil {
		c.confirmLater(e.Message)
	}
	return nil
}

// The rest needs c.mu.

// encode appends a message to what is being sent.
func (c *Conn) encode(m outgoing) error {
	if m.prepared == nil {
		return c.out.Message(m.op, m.p)
	}
	var threshold int64
	var level int
	if o := c.loop.server.Compression; o != nil {
		threshold, level = o.Options.Threshold, o.Options.Level
	}
	if frame, ok := m.prepared.Frame(c.deflate(), threshold, level); ok {
		return c.out.Prepared(frame, len(m.prepared.Payload()))
	}
	return c.out.Message(m.prepared.OpCode(), m.prepared.Payload())
}

// mustWait reports whether a message has to wait in the queue: the socket takes
// nothing, and what is being sent is long enough, or others wait already.
func (c *Conn) mustWait() bool {
	return c.full && c.sending() >= freeToWait || c.queue != nil && !c.queue.Empty()
}

// needQueue returns the queue, which it makes if there is none.
func (c *Conn) needQueue() *queue {
	if c.queue == nil {
		c.queue = &queue{Queue: endpoint.NewQueue[outgoing](c.loop.server.Queue)}
	}
	return c.queue
}

// enqueue has a message wait.
func (c *Conn) enqueue(e endpoint.Entry[outgoing]) error {
	q := c.needQueue()
	if m := &e.Message; m.prepared == nil {
		if m.op != ws.OpText && m.op != ws.OpBinary {
			return wsproto.ErrMessageOpCode
		}
		if !q.mayFit(e.Size) {
			m.p = nil // it is refused anyway
		}
		m.p = append([]byte(nil), m.p...)
	}
	err := q.Add(e, c.loop.clock())
	if err == wsproto.ErrQueueFull {
		q.Refused()
		if rule := q.Rule(); rule.WhenFull == wsproto.QueueClose {
			c.closeSlow(rule.CloseCode)
		}
	}
	return err
}

// mayFit reports whether a message may find room, if others give way to it.
func (q *queue) mayFit(size int) bool {
	rule := q.Rule()
	makesRoom := rule.WhenFull == wsproto.QueueDropOldest || rule.WhenFull == wsproto.QueueKeepLatest
	return size <= rule.Bytes && (makesRoom || q.Fits(size))
}

// refill tells whoever asks that all that was being sent has left, and takes what is
// sent next out of the queue.
func (c *Conn) refill() {
	q := c.queue
	if q == nil || c.out.Len() >= freeToWait {
		return
	}
	if c.sending() == 0 {
		q.Sent()
		for i, r := range q.direct {
			receipt.Settle(r, nil)
			q.direct[i] = nil
		}
		q.direct = q.direct[:0]
	}
	c.takeFrom(q, freeToWait)
}

// takeFrom takes messages out of the queue until at least most bytes are being sent.
func (c *Conn) takeFrom(q *queue, most int) {
	for c.out.Len() < most {
		e := q.Next(c.loop.clock())
		if e == nil {
			return
		}
		if err := c.encode(e.Message); err != nil { // of an encoder, for good
			q.End(err)
			return
		}
		q.Take()
	}
}

// confirmLater tells the receipt of a message that did not wait when all has left.
func (c *Conn) confirmLater(m outgoing) {
	if c.sending() == 0 {
		m.Outcome(c.unsendable())
		return
	}
	q := c.needQueue()
	q.direct = append(q.direct, m.receipt)
}

// dropOutput drops what waits, for err.
func (c *Conn) dropOutput(err error) {
	c.out.Drop()
	q := c.queue
	if q == nil {
		return
	}
	q.End(err)
	for _, r := range q.direct {
		receipt.Settle(r, err)
	}
	q.direct = nil
}

// closeSlow closes the connection to a peer that is too slow. What waits is dropped,
// and nothing but the close frame is sent any more after what is being sent.
func (c *Conn) closeSlow(code ws.StatusCode) {
	err := wsproto.ErrQueueFull
	c.asked = true
	c.happen(endpoint.WeClose, wsproto.ConnError{By: wsproto.EndedByUs, Code: code, Reason: wsproto.CloseReason(err), Err: err})
	c.queue.End(c.err())
	c.out.Close(code, wsproto.CloseReason(err), c.loop.clock())
	c.tell()
}
