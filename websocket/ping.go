package websocket

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/wirews/wirews/ws"
)

// Ping sends a ping and waits for its pong. Nobody has to be reading: if
// nobody does, Ping itself reads, and keeps the messages that come before the
// pong for the next Read, until they have reached the read limit together, or
// are 64; from then on it waits until somebody reads. In a Handler it must not
// be called: the connection reads on when that has returned.
func (c *Conn) Ping(ctx context.Context) error {
	_, err := c.PingRTT(ctx)
	return err
}

// PingRTT is Ping, and returns how long it took.
func (c *Conn) PingRTT(ctx context.Context) (time.Duration, error) {
	id, pong := c.extras().pings.begin()
	defer c.extras().pings.end(id)
	start := time.Now()
	if err := c.sendPing(ctx, id); err != nil {
		return 0, errorf("ping", err)
	}
	for {
		select {
		case <-pong:
			return time.Since(start), nil
		case <-c.done():
			return 0, errorf("ping", c.err())
		default:
		}
		if err := c.readForPong(ctx, pong); err != nil {
			select {
			case <-pong: // it was the last that came
				return time.Since(start), nil
			default:
				return 0, errorf("ping", err)
			}
		}
	}
}

func (c *Conn) sendPing(ctx context.Context, id uint64) error {
	if err := c.lockWriting(ctx); err != nil {
		return err
	}
	defer c.unlockWriting()
	var b [20]byte
	out := c.outgoing(len(b))
	before := len(out)
	out, err := c.proto.AppendPing(out, strconv.AppendUint(b[:0], id, 10))
	if err != nil {
		return c.notAppended(err)
	}
	c.out.b = out
	return c.flush(ctx, nil, before, true)
}

// readForPong waits until the pong has come, or reads what comes up to the next
// message, if nobody else reads.
func (c *Conn) readForPong(ctx context.Context, pong <-chan struct{}) error {
	if !c.reading.lock(ctx.Done(), c.done(), pong) {
		return ctx.Err()
	}
	if c.inside.over() {
		c.unlockReading()
		return c.err()
	}
	c.wake()
	if c.rx.stream != nil || !c.mayKeep() {
		// Somebody is about to read on.
		c.unlockReading()
		return c.waitForPong(ctx, pong)
	}
	c.applyLimit()
	defer c.unlockReading()
	return c.readControls(ctx, pong)
}

// readControls reads until a message has come, or the pong.
func (c *Conn) readControls(ctx context.Context, pong <-chan struct{}) error {
	for {
		typ, p, err := c.nextMessage(ctx)
		if err == nil {
			c.keep(typ, p)
			return nil
		}
		if err == ws.ErrShort {
			select {
			case <-pong:
				return nil
			default:
				err = c.more(ctx)
			}
		}
		if err != nil {
			return c.conclude(ctx, err)
		}
	}
}

// waitForPong waits without reading, and looks again now and then whether
// reading is possible again: whoever has to take messages may have taken them.
func (c *Conn) waitForPong(ctx context.Context, pong <-chan struct{}) error {
	t := time.NewTimer(lookAgain)
	defer t.Stop()
	select {
	case <-pong:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-c.done():
		return c.err()
	case <-t.C:
		return nil
	}
}

const lookAgain = 10 * time.Millisecond

// pings are those that wait for their pong.
type pings struct {
	mu      sync.Mutex
	last    uint64
	waiting []waitingPing
}

type waitingPing struct {
	id   uint64
	pong chan struct{}
}

func (p *pings) begin() (id uint64, pong chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	pong = make(chan struct{})
	p.waiting = append(p.waiting, waitingPing{p.last, pong})
	return p.last, pong
}

func (p *pings) end(id uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = slices.DeleteFunc(p.waiting, func(w waitingPing) bool { return w.id == id })
	if len(p.waiting) == 0 {
		p.waiting = nil
	}
}

// answered is called for each pong. RFC 6455, 5.5.3: a peer may answer the most
// recent ping only, which then answers for those before it.
func (p *pings) answered(payload []byte) {
	id, err := strconv.ParseUint(string(payload), 10, 64)
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if id > p.last {
		return
	}
	p.waiting = slices.DeleteFunc(p.waiting, func(w waitingPing) bool {
		if w.id <= id {
			close(w.pong)
		}
		return w.id <= id
	})
}

// latePong is the answer to a ping that came while somebody was writing, who
// sends it when he is done: who reads does not wait for who writes, or two ends
// of a connection could wait for each other.
type latePong struct {
	n int
	b [ws.MaxControlFramePayloadSize]byte
}

// lateFlush in place of a latePong is none: what is held back is to be written.
var lateFlush latePong

// answerPing sends a pong, or leaves it to whoever has the writing lock. Of
// several that are left, the last one is sent (RFC 6455, section 5.5.3).
func (c *Conn) answerPing(payload []byte) {
	if c.writing.tryLock() {
		c.sendPong(payload)
		c.unlockWriting()
		return
	}
	late := new(latePong)
	late.n = copy(late.b[:], payload)
	c.late.Store(late)
	if c.writing.tryLock() {
		c.sendLate()
		c.unlockWriting()
	}
}

// sendLate does what was left to whoever has the writing lock.
func (c *Conn) sendLate() {
	switch late := c.late.Swap(nil); late {
	case nil:
	case &lateFlush:
		c.flushSome()
	default:
		c.sendPong(late.b[:late.n])
	}
}

// sendPong sends a pong, without waiting if that is possible. A peer that pings
// and takes nothing gets no more of them.
func (c *Conn) sendPong(payload []byte) {
	if c.pending() > maxTail {
		return
	}
	out, err := c.proto.AppendPong(c.outgoing(len(payload)), payload)
	if err != nil || c.cause.Load() != nil {
		c.notAppended(err)
		return
	}
	if c.out.b = out; len(out) < c.mayHold() {
		watchmen.watch(c)
		return
	}
	c.flushSome()
}
