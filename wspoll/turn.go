package wspoll

import (
	"sync"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// What a connection may do in one turn. Then it is the turn of all others.
const (
	turnBytes    = 64 << 10 // received
	turnMessages = 32       // handled, control frames included
	turnDecoded  = 1 << 20  // bytes that an extension has made of what was received
)

// receiving is what a connection needs that is in the middle of a message, or
// reading. It is pooled.
type receiving struct {
	endpoint.Inbox
	tally  endpoint.Tally  // of this turn
	charge endpoint.Charge // in Server.MessageBudget
}

var receivings = sync.Pool{New: func() any { return new(receiving) }}

// wake gives the connection a receiving half, if it has none.
func (c *Conn) wake() *receiving {
	if c.rx != nil {
		return c.rx
	}
	c.rx = receivings.Get().(*receiving)
	c.rx.Receiver.Config = &c.loop.server.set.config
	if d := c.deflate(); d != nil {
		c.rx.Receiver.Decoder = d
	}
	if c.dropping {
		c.rx.Discard(&c.loop.server.set.drop)
	}
	return c.rx
}

// rest gives back what a connection does not need that is between messages: its
// memory, and, if nothing has begun, its receiving half.
func (c *Conn) rest() {
	if c.rx == nil || !c.rx.Empty() {
		return
	}
	if c.rx.Free(); !c.rx.Receiver.Inside() {
		*c.rx = receiving{}
		receivings.Put(c.rx)
		c.rx = nil
	}
}

// share is what is left of a turn.
type share struct{ bytes, messages, decoded int }

// turn is a share of work: it receives, and handles what has come. It is called by
// the loop, or by a worker.
func (c *Conn) turn() {
	c.cork()
	c.paused, c.more = false, false
	left := share{turnBytes, turnMessages, turnDecoded}
	for c.stage == stageOpen && c.step(&left) {
	}
	c.endTurn()
}

// step takes a message, a control frame, a piece of a message, or reads. It reports
// false at the end of the turn.
func (c *Conn) step(left *share) (goOn bool) {
	if !c.goesOn() {
		c.paused = true
		return false
	}
	if c.ahead() && !c.dropping {
		if c.paused = true; c.loop.server.Rate.Close {
			c.conclude(found{err: wsproto.ErrOverRate})
		}
		return false
	}
	rx := c.wake()
	if left.messages == 0 || left.decoded <= 0 {
		c.more = rx.Open() || rx.Unread() || c.ready.has(readable)
		return false
	}
	before := rx.Held()
	ev, ok, err := rx.Message()
	switch {
	case err != nil:
		c.conclude(found{err: err})
	case ok:
		left.messages--
		if rx.Receiver.Decodes() && !ev.Op.IsControl() {
			left.decoded -= len(ev.Payload) - before
		}
		if !c.dropping || ev.Op.IsControl() {
			rx.tally.Received(ev, &rx.Receiver)
		}
		c.handle(ev)
		c.countPace(1, 0)
		c.charge(rx.Held()) // nothing, unless it was a control frame inside a message
	case !rx.Dry(): // a piece of a message was put to the others
		if !c.charge(rx.Held()) {
			c.conclude(found{err: wsproto.ErrOverBudget})
			return false
		}
		if rx.Receiver.Decodes() {
			left.decoded -= rx.Held() - before
		}
	case !c.ready.has(readable):
		return false
	case left.bytes <= 0:
		c.more = true
		return false
	default:
		left.bytes -= c.receive(rx, left.bytes)
	}
	return true
}

func (c *Conn) endTurn() {
	if c.rx != nil {
		c.loop.counts.received(&c.rx.tally)
	}
	if c.stage == stageOpen {
		c.rest()
		if c.paused && c.rx != nil {
			c.rx.Shrink() // for as long as its peer wants
		}
	}
	c.uncork()
}

// goesOn reports whether messages may be handled. They are not while too much waits
// that they have caused, but those are dropped that nobody wants.
func (c *Conn) goesOn() bool {
	c.mu.Lock()
	asked, goesOn := c.asked, c.asked || c.failed || !c.mustWait()
	c.mu.Unlock()
	if asked && !c.dropping {
		c.dropping = true
		if c.rx != nil {
			c.rx.Discard(&c.loop.server.set.drop)
		}
	}
	return goesOn
}

// receive reads once, and returns how many bytes there were, those of TLS if they are more.
func (c *Conn) receive(rx *receiving, most int) int {
	room := rx.Room()
	n, dry, err := c.read(room[:min(most, len(room))])
	rx.Filled(n)
	c.countPace(0, n)
	c.heard(n, dry)
	if err != nil {
		c.conclude(found{err: c.endOfInput(err)})
	}
	if t := c.tls(); t != nil {
		n = max(n, t.taken())
	}
	return n
}

// handle handles a message or a control frame.
func (c *Conn) handle(ev wsproto.Event) {
	switch ev.Op {
	case ws.OpClose:
		c.conclude(found{event: ev})
		return
	case ws.OpPing:
		c.answer(ev)
		c.handlePing(ev.Payload)
	case ws.OpPong:
		c.handlePong(ev.Payload)
	default:
		if !c.dropping {
			c.handleMessage(ev)
		}
	}
}

// answer answers a ping. Its pong is not refused, however much waits.
func (c *Conn) answer(ping wsproto.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.failed && c.err() == nil {
		c.out.Answer(ping, nil, c.loop.clock())
		c.loop.counts.sent.pongs.Add(1)
		c.written(nil)
	}
}
