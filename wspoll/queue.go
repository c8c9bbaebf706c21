package wspoll

import (
	"time"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/internal/receipt"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

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

// queue is what waits for a slow peer, besides what is being sent. A connection has
// one from when the first message has to wait, or somebody asks for the outcome of one
// that did not.
type queue struct{ endpoint.Queue[outgoing] }

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
	receipt.Claim(m.Receipt)
	e := endpoint.Entry[outgoing]{
		Message: outgoing{m.Op, m.Payload, m.Prepared, m.Receipt},
		Size:    len(m.Payload),
		Key:     m.Key,
	}
	if m.Prepared != nil {
		e.Size, e.Message.op = len(m.Prepared.Payload()), m.Prepared.OpCode()
	}
	if !m.Deadline.IsZero() {
		e.Deadline = endpoint.DeadlineAfter(c.loop.clock(), time.Until(m.Deadline))
	}
	err := c.put(&e)
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
		s = q.State()
	}
	return s
}

// put sends a message, or enqueues it.
func (c *Conn) put(e *endpoint.Entry[outgoing]) error {
	c.mu.Lock()
	err := c.unsendable()
	if err == nil {
		err = c.putOpen(e)
	}
	c.mu.Unlock()
	if err == nil {
		c.loop.counts.sent.messages.Add(1)
		c.loop.counts.sent.bytes.Add(int64(e.Size))
	}
	return err
}

// The rest needs c.mu.

// putOpen is put for a connection on which something can be sent.
func (c *Conn) putOpen(e *endpoint.Entry[outgoing]) error {
	if op := e.Message.op; op != ws.OpText && op != ws.OpBinary {
		return wsproto.ErrMessageOpCode
	}
	if e.Deadline != 0 {
		if now := c.loop.clock(); e.Deadline <= now {
			return c.needQueue().Add(*e, now) // which refuses and counts it
		}
	}
	if c.mustWait() {
		return c.enqueue(*e)
	}
	if c.large(e) {
		if err := c.sendLarge(&e.Message); err != nil {
			return err
		}
	} else if err := c.written(c.encode(&e.Message)); err != nil {
		return err
	}
	if e.Message.receipt != nil {
		c.confirmLater(e.Message)
	}
	return nil
}

// large reports whether a message is worth being sent from where it lies, and can be.
func (c *Conn) large(e *endpoint.Entry[outgoing]) bool {
	return e.Size >= largeMessage && !c.full && c.tls() == nil && (c.deflate() == nil || e.Message.prepared != nil)
}

// largeMessage is how many bytes cost more to be copied than a second piece of memory
// costs the system.
const largeMessage = 4 << 10

// sendLarge sends a message without copying what the socket takes at once.
func (c *Conn) sendLarge(m *outgoing) (err error) {
	before, payload := c.out.Len(), m.p
	if m.prepared == nil {
		err = c.out.Head(m.op, len(m.p))
	} else if frame, ok := c.frame(m.prepared); ok {
		payload = frame
		err = c.out.PreparedHead(frame, len(m.prepared.Payload()))
	} else {
		return c.written(c.encode(m))
	}
	if err != nil {
		return err
	}
	n, err := c.loop.poll.writeTwo(c.socket, c.out.Pending(), payload)
	if err != nil {
		c.writeFailed(err)
		return c.unsendable()
	}
	full := n < c.out.Len()+len(payload)
	c.out.GiveUp(endpoint.Unsent{Written: n, Payload: payload, Before: before, Fixed: true, Bounded: true})
	if full {
		c.filled()
	}
	return nil
}

// frame returns the frame of a prepared message; false if it has to be encoded.
func (c *Conn) frame(m *PreparedMessage) (frame []byte, ok bool) {
	var threshold int64
	var level int
	if o := c.loop.server.Compression; o != nil {
		threshold, level = o.Options.Threshold, o.Options.Level
	}
	return m.Frame(c.deflate(), threshold, level)
}

// encode appends a message to what is being sent.
func (c *Conn) encode(m *outgoing) error {
	if m.prepared == nil {
		return c.out.Message(m.op, m.p)
	}
	if frame, ok := c.frame(m.prepared); ok {
		return c.out.Prepared(frame, len(m.prepared.Payload()))
	}
	return c.out.Message(m.prepared.OpCode(), m.prepared.Payload())
}

// mustWait reports whether a message has to wait in the queue: the socket takes
// nothing, and what is being sent is long enough, or others wait already.
func (c *Conn) mustWait() bool {
	return (c.full || c.queue != nil) && c.isBehind()
}

func (c *Conn) isBehind() bool {
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
	q, now := c.needQueue(), c.loop.clock()
	if m := &e.Message; m.prepared == nil && q.Admits(e.Size, now) {
		m.p = append([]byte(nil), m.p...)
	}
	err := q.Add(e, now)
	if err == wsproto.ErrQueueFull {
		q.Refused()
		if rule := q.Rule(); rule.WhenFull == wsproto.QueueClose {
			c.closeSlow(rule.CloseCode)
		}
	}
	return err
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
		if err := c.encode(&e.Message); err != nil { // of an encoder, for good
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
	c.needQueue().Pass(m)
}

// dropOutput drops what waits, for err.
func (c *Conn) dropOutput(err error) {
	c.out.Drop()
	if c.queue != nil {
		c.queue.End(err)
	}
}

// closeSlow closes the connection to a peer that is too slow. What waits is dropped,
// and nothing but the close frame is sent any more after what is being sent.
func (c *Conn) closeSlow(code ws.StatusCode) {
	err := wsproto.ErrQueueFull
	c.asked = true
	c.happen(endpoint.WeClose, wsproto.ConnError{By: wsproto.EndedByUs, Code: code, Reason: wsproto.CloseReason(err), Err: err})
	c.queue.End(c.err())
	c.out.Close(code, wsproto.CloseReason(err), c.loop.clock())
	c.loop.countClose(code)
	c.tell()
}
