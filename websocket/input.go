package websocket

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// input is the receiving half of a connection. All but limit and serving is
// guarded by lock.
type input struct {
	lock    lock
	rx      *receiving // nil while the connection waits for a message
	limit   atomic.Pointer[readLimit]
	serving atomic.Int32
	reads   atomic.Uint32 // how often somebody has had the lock, for Ping to tell
	share   int32         // what was received since others had their turn
	waiting bool          // a read has had to wait, and has bounded that
}

// Whether Serve runs, and what is left to it.
const (
	notServing = iota
	serving
	servingClose // a closing handshake that has begun
)

// receiving is what a connection needs that is in the middle of something, or
// reading. It is pooled.
type receiving struct {
	endpoint.Inbox
	stream  *messageReader // that has not been read to its end
	replies bool           // pongs wait to be sent

	// What a wait is about, on its way into the callback of the transport and out
	// of it.
	ctx context.Context
	err error

	// What a call of Serve has come upon.
	stop  stop
	found found // if the connection ends; otherwise its err
}

var receivings = sync.Pool{New: func() any { return new(receiving) }}

// A connection whose input never runs dry lets others run when it has had its
// share: so many bytes, where a message or a control frame counts as
// messageShare more of them.
const (
	fairShare    = 128 << 10
	messageShare = 1 << 10
)

// wake gives the connection a receiving half, if it has none.
func (c *Conn) wake() *receiving {
	if c.in.rx == nil {
		rx := receivings.Get().(*receiving)
		rx.Receiver.Config = &c.in.limit.Load().config
		if ext := c.extension(); ext != nil {
			rx.Receiver.Decoder = ext
		}
		c.in.rx = rx
	}
	return c.in.rx
}

// rest gives back what a connection does not need that is between messages:
// its buffers, and, if nothing refers to it, its receiving half.
func (c *Conn) rest() {
	rx := c.in.rx
	if rx != nil && !rx.Unread() {
		c.countReceived()
	}
	if rx == nil || !rx.Empty() || rx.stream != nil && len(rx.stream.piece) > 0 {
		return
	}
	rx.Free()
	c.uncharge()
	if rx.stream != nil || rx.Receiver.Inside() {
		return
	}
	c.in.rx = nil
	*rx = receiving{}
	receivings.Put(rx)
}

// lockInput waits for the turn to read. When we close the connection, it waits
// for that to be done: a program that ends when its reads do must not take the
// closing handshake with it.
func (c *Conn) lockInput(ctx context.Context) error {
	if ctx == nil {
		return errNilContext
	}
	if !c.in.lock.tryLock() {
		if c.in.serving.Load() != notServing {
			return errServing
		}
		if !c.in.lock.lock(ctx.Done(), c.end.done()) {
			if c.transport.gate.over() {
				return c.end.err()
			}
			return ctx.Err()
		}
	}
	if c.end.err() == nil || c.left() {
		c.in.reads.Add(1)
		c.wake()
		return nil
	}
	c.in.lock.unlock()
	if c.transport.gate.over() {
		c.countLast()
		return c.end.err()
	}
	select {
	case <-c.end.done():
		return c.end.err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// left reports whether something that was received before the connection has
// ended is still to be read. Whoever closes it wants nothing more.
func (c *Conn) left() bool {
	if c.end.asked.Load() || c.in.rx == nil {
		return false
	}
	m := c.in.rx.stream
	return m != nil && (m.last || len(m.piece) > 0)
}

func (c *Conn) unlockInput() {
	c.rest()
	c.in.lock.unlock()
	c.countLast()
}

var errServing = errors.New("websocket: Serve reads from this connection, and nothing else can at the same time")

// applyLimit gives the receiving half the limit that holds from now on, unless
// a message has begun.
func (c *Conn) applyLimit(rx *receiving) {
	if config := &c.in.limit.Load().config; config != rx.Receiver.Config && !rx.Receiver.Inside() {
		rx.Receiver.Config = config
	}
}

// portion is what a reader wants: whole messages, or pieces as they come.
type portion bool

const (
	whole  portion = false
	pieces portion = true
)

// next returns the next message, or piece of one, of what has been received; or
// the end of the connection: the peer's close frame or an error. ok is false if
// more has to be received first, or, if the Inbox is not dry, if something has
// been done and interrupted is to be asked before the next call. Pings and pongs are
// dealt with on the way.
func (c *Conn) next(ctx context.Context, p portion) (ev wsproto.Event, ok bool, err error) {
	rx := c.in.rx
	c.applyLimit(rx)
	if p == whole {
		ev, ok, err = rx.Message()
	} else {
		ev, ok, err = rx.Next()
	}
	if s := c.settings; s.budget != nil || s.counters != nil || s.rate != nil {
		if over := c.account(ev, ok, err); over != nil {
			return wsproto.Event{}, false, over
		}
	}
	if !ok || ev.Op <= ws.OpBinary || ev.Op == ws.OpClose {
		return ev, ok, err
	}
	c.control(ctx, ev)
	c.in.share += messageShare
	c.yield()
	return wsproto.Event{}, false, nil
}

// account charges, counts and paces what next has found. The error is why it is too
// much.
func (c *Conn) account(ev wsproto.Event, ok bool, err error) error {
	if c.settings.budget != nil && err == nil && (!ok || ev.Op > ws.OpBinary) { // a message stays charged while it is handled
		if err := c.chargeHeld(); err != nil {
			return err
		}
	}
	if c.settings.counters != nil && ok && (ev.Op > ws.OpBinary || !c.in.rx.Receiver.Config.SkipUTF8) { // which is only of what is dropped
		c.count(ev)
	}
	if ok && ev.Last {
		c.countPace(1, 0)
	}
	return nil
}

// interrupted returns why a reader is not to go on, or nil: its context has ended,
// or the connection.
func (c *Conn) interrupted(ctx context.Context) error {
	if c.transport.gate.over() {
		return c.end.err()
	}
	return ctx.Err()
}

// flushReplies sends the pongs that wait for what was received to be handled.
func (c *Conn) flushReplies(d descriptor) {
	if rx := c.in.rx; rx != nil && rx.replies {
		rx.replies = false
		c.flushHeld(sending{descriptor: d})
	}
}

// receive waits until more has been received. ended says that the error is the
// end of the connection, for conclude; otherwise it is that of ctx, or why the
// connection has ended before, and leaves everything as it was.
func (c *Conn) receive(ctx context.Context) (ended bool, err error) {
	if err := c.interrupted(ctx); err != nil {
		return false, err
	}
	c.yield()
	if c.transport.raw == nil {
		return c.receiveFrom(ctx)
	}
	rx := c.in.rx
	rx.ctx, rx.err = ctx, nil
	err = c.transport.receive((*puller)(c))
	c.readReturned()
	rx = c.wake()
	rx.ctx = nil
	cut := false
	if c.in.waiting {
		c.in.waiting = false
		cut = c.transport.endReads()
	}
	if rx.err != nil {
		err = rx.err
	} else if err == nil && c.transport.gate.over() && !rx.Unread() {
		return false, c.end.err()
	}
	return c.received(ctx, err, cut)
}

// puller is a Conn as the receiver of one read.
type puller Conn

func (p *puller) room() []byte { return (*Conn)(p).wake().Room() }

func (p *puller) received(_ descriptor, n int, _ bool, err error) then {
	rx := p.in.rx
	rx.Filled(n)
	(*Conn)(p).arrived(n)
	rx.err = err
	return leave
}

// park is called before the wait begins, and again whenever there was nothing to
// read after all.
func (p *puller) park(d descriptor) bool {
	c := (*Conn)(p)
	rx := c.wake()
	if !c.in.waiting {
		c.in.waiting = true
		if c.settings.hold != endpoint.HoldNothing {
			c.flushHeld(sending{descriptor: d})
		}
		c.flushReplies(d)
		if rx.err = c.boundRead(rx.ctx); rx.err != nil {
			return false
		}
	}
	c.rest() // whatever waits owns no memory
	c.readWaits()
	return true
}

// receiveFrom is receive for any net.Conn. One without a descriptor waits for
// the first bytes of a frame in a few bytes of its own, instead of in a buffer.
func (c *Conn) receiveFrom(ctx context.Context) (ended bool, err error) {
	rx := c.in.rx
	if c.settings.hold != endpoint.HoldNothing {
		c.flushHeld(sending{})
	}
	c.flushReplies(descriptor{})
	idle := rx.Empty() && !rx.Receiver.Inside()
	room := c.extras().silence[:]
	if idle {
		rx.Free()
	} else {
		room = rx.Room()
	}
	n := 0
	if err = c.boundRead(ctx); err == nil {
		c.readWaits()
		n, err = c.transport.read(room)
		c.readReturned()
	}
	cut := c.transport.endReads()
	if idle {
		rx.Take(room[:n])
	} else {
		rx.Filled(n)
	}
	c.arrived(n)
	return c.received(ctx, err, cut)
}

// boundRead bounds a read by ctx and the options. Once a write has failed, the end
// has to come within five seconds of reading.
func (c *Conn) boundRead(ctx context.Context) error {
	timeout, failed := c.silence(), c.out.failed.Load() != nil
	if failed {
		timeout = closeTimeout
	}
	err := c.transport.boundReads(ctx, timeout)
	if failed {
		c.transport.readDeadline().insist(closeTimeout)
	}
	if err != nil {
		return errBound
	}
	return nil
}

// errBound says that the context of an operation has ended before it. The error of the
// context itself may be of a type that cannot be compared.
var errBound = errors.New("the context has ended")

// silence returns how long the peer may send nothing while bytes are waited for,
// or 0.
func (c *Conn) silence() time.Duration { return c.settings.readTimeout }

// arrived notes that n bytes have been received.
func (c *Conn) arrived(n int) {
	c.in.share += int32(n)
	if c.settings.rate != nil || c.settings.counters != nil {
		c.countArrived(n)
	}
}

func (c *Conn) countArrived(n int) {
	c.countPace(0, n)
	c.countReceived()
}

// received says what it means that a wait has ended with err.
func (c *Conn) received(ctx context.Context, err error, cut bool) (ended bool, _ error) {
	switch {
	case err == nil:
		return false, nil
	case cut && timedOut(err), err == errBound, sameError(err, ctx.Err()):
		return false, c.cancelled(ctx)
	case err == io.EOF:
		return true, c.in.rx.Receiver.EOF()
	}
	return true, err
}

// yield lets others run, if this connection has had its share.
func (c *Conn) yield() {
	if c.in.share >= fairShare {
		c.in.share = 0
		yields.Add(1)
		runtime.Gosched()
	}
}

// yields counts for tests how often a connection has let others run.
var yields atomic.Int64

// chargeHeld counts what the connection holds of a message that has not come as a
// whole. It needs the lock of the input.
func (c *Conn) chargeHeld() error {
	if !c.extras().charge.set(c.settings.budget, endpoint.Counted(c.in.rx.Held())) {
		return wsproto.ErrOverBudget
	}
	return nil
}

// uncharge is for a message that has been handled.
func (c *Conn) uncharge() {
	if c.settings.budget != nil {
		c.extras().charge.set(c.settings.budget, 0)
	}
}
