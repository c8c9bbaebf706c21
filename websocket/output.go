package websocket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// output is the sending half of a connection.
//
// Whoever reads never waits for whoever writes: two ends of a connection that did
// so could wait for each other. What a reader has to send while the lock is taken
// becomes a debt, which is paid by whoever gives the lock back.
type output struct {
	lock   lock
	box    endpoint.Outbox           // guarded by lock
	failed atomic.Pointer[ConnError] // why nothing can be written
	hold   atomic.Int32              // an endpoint.Hold: what may wait
	late   atomic.Bool               // the flusher looks after what is held
	drains atomic.Int32              // noDrain, or whether a goroutine writes what the transport has not taken
	inDebt atomic.Bool               // something is to be sent by whoever has the lock
	debt   atomic.Pointer[debt]      // nil: no pong is owed
}

const (
	noDrain  = iota
	drainDue // it begins when the lock is given back; so this is guarded by the lock
	draining
)

// drainLater leaves what waits to a goroutine, as long as that takes. There is one at
// most. It needs the lock.
func (o *output) drainLater() { o.drains.CompareAndSwap(noDrain, drainDue) }

// debt is the answers to pings that have come while somebody was writing. A few
// are answered each. If more come, the last ones are enough (RFC 6455, section
// 5.5.3).
type debt struct {
	n     int
	pongs [maxOwed]struct {
		n int
		b [ws.MaxControlFramePayloadSize]byte
	}
}

const maxOwed = 16

var debts = sync.Pool{New: func() any { return new(debt) }}

func (d *debt) add(payload []byte) {
	if d.n == maxOwed {
		d.n = 0
	}
	p := &d.pongs[d.n]
	p.n = copy(p.b[:], payload)
	d.n++
}

// holding returns how much may wait.
func (o *output) holding() endpoint.Hold { return endpoint.Hold(o.hold.Load()) }

func (o *output) setHold(h endpoint.Hold) { o.hold.Store(int32(h)) }

// owe leaves the answer to a ping, or a flush if there is none, to whoever has
// the lock. Only whoever reads may leave an answer.
func (o *output) owe(ping *wsproto.Event) {
	if ping != nil {
		d := o.debt.Swap(nil)
		if d == nil {
			d = debts.Get().(*debt)
		}
		d.add(ping.Payload)
		o.debt.Store(d)
	}
	o.inDebt.Store(true)
}

// pay appends the pongs that are owed. It needs the lock.
func (o *output) pay() {
	o.inDebt.Store(false)
	if d := o.debt.Swap(nil); d != nil {
		for i := range d.pongs[:d.n] {
			p := &d.pongs[i]
			o.box.Answer(pingEvent(p.b[:p.n]), nil, now())
		}
		d.n = 0
		debts.Put(d)
	}
}

func pingEvent(p []byte) wsproto.Event {
	return wsproto.Event{Op: ws.OpPing, First: true, Last: true, Payload: p}
}

// way is how long what is sent may take.
type way uint8

const (
	atOnce  way = iota // what the transport does not take at once is left to a goroutine, see drainLater
	waiting            // as long as the context allows
)

// sending is how what waits is to be sent.
type sending struct {
	way way
	ctx context.Context // if waiting
	// descriptor is the transport's, where it is at hand.
	descriptor descriptor
	// message is the message that is being written at the end of what waits, in
	// case that it has to be given up.
	message endpoint.Unsent
}

// everything is what waits, none of which can be taken back.
func (c *Conn) everything(ctx context.Context) sending {
	return sending{way: waiting, ctx: ctx, message: endpoint.Unsent{Before: c.out.box.Len()}}
}

// flush sends what waits, and the payload of the message after it. It needs the
// lock. An error is why the message was not sent; then the connection may go on.
func (c *Conn) flush(s sending) error {
	box, payload := &c.out.box, s.message.Payload
	all := box.Len() + len(payload)
	if all == 0 {
		return nil
	}
	n, err := c.transport.tryWrite(s.descriptor, box.Pending(), payload)
	switch {
	case err != nil:
		return c.writeFailed(err)
	case n < all && s.way == waiting:
		return c.flushWaiting(s, n)
	case n == all:
		box.Written(box.Len())
	case payload == nil:
		box.Written(n)
	default:
		s.message.Written = n
		box.GiveUp(s.message)
	}
	c.flushed()
	return nil
}

// flushed notes what has become of what was flushed.
func (c *Conn) flushed() {
	c.countSent()
	if c.out.box.Len() > 0 {
		c.out.drainLater()
	} else if q := c.queue(); q != nil {
		q.sent()
	}
}

// flushWaiting is the rest of flush: n bytes have been written, and the others
// have to wait.
func (c *Conn) flushWaiting(s sending, n int) error {
	box := &c.out.box
	if c.queue() != nil {
		box.Fit() // many may wait like this
	}
	t := timeouts{whole: c.settings.writeTimeout, stall: c.settings.stallTimeout}
	err := c.transport.boundWrites(s.ctx, t)
	bound := err != nil
	if !bound {
		n, err = c.transport.write(box.Pending(), s.message.Payload, n, t)
	}
	cut := c.transport.endWrites()
	if err == nil {
		box.Written(box.Len())
		c.flushed()
		return nil
	}
	if !bound && !(cut && timedOut(err)) && !sameError(err, s.ctx.Err()) {
		if t != (timeouts{}) && errors.Is(err, os.ErrDeadlineExceeded) {
			return c.abandon(EndedByTimeout, err)
		}
		return c.writeFailed(err)
	}
	cancelled := c.cancelled(s.ctx)
	s.message.Written = n
	if box.GiveUp(s.message) == endpoint.TooMuch {
		return c.cutOff(cancelled)
	}
	if c.queue() != nil {
		c.out.drainLater()
	}
	c.countSent()
	return cancelled
}

// writeFailed notes that the transport has refused to take something. That ends
// writing only: what the peer has sent is still there to be read, and may say why.
// The end has to come within five seconds.
func (c *Conn) writeFailed(err error) error {
	if breaksContract(err) {
		return c.abandon(EndedByTransport, err)
	}
	cause := ConnError{By: EndedByTransport, Code: ws.StatusAbnormalClosure, Err: err}
	c.end.happen(endpoint.WriteFails, cause)
	explain(&cause)
	c.out.failed.CompareAndSwap(nil, &cause)
	c.out.box.Drop()
	c.queue().end(&cause)
	c.transport.readDeadline().insist(closeTimeout)
	return c.unsent()
}

// unsent returns why nothing can be sent, or nil.
func (c *Conn) unsent() error {
	if err := c.end.err(); err != nil {
		return err
	}
	if failed := c.out.failed.Load(); failed != nil {
		return failed
	}
	return nil
}

// breaksContract reports whether a net.Conn has returned what io.Writer does not
// allow: how much of a frame has left is not known then.
func breaksContract(err error) bool {
	_, wrong := errors.AsType[*checkedio.CountError](err)
	return wrong || errors.Is(err, io.ErrShortWrite)
}

// abandon ends the connection, which cannot go on: the peer is in the middle of
// a frame whose rest will not come.
func (c *Conn) abandon(by EndedBy, err error) error {
	c.out.box.Drop()
	c.finish(ConnError{By: by, Code: ws.StatusAbnormalClosure, Err: err})
	return c.end.err()
}

// cutOff is abandon for the error of a context, which has left a frame or a
// message unfinished. The error that it returns, that of this call, wraps err.
// Those of later calls do not: whoever goes on after a timeout would go on for
// ever.
func (c *Conn) cutOff(err error) error {
	c.finish(ConnError{By: EndedByUs, Code: ws.StatusAbnormalClosure, Err: fmt.Errorf("%w: %v", errCutOff, err)})
	own := *c.end.cause.Load()
	own.Err = err
	return &own
}

var errCutOff = errors.New("a write ended inside a frame or a message")

// cancelled returns why an operation was cancelled: by its context, or because we
// close the connection.
func (c *Conn) cancelled(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.end.err()
}

// notSent is for an error of the Outbox.
func (c *Conn) notSent(err error) error {
	switch err {
	case wsproto.ErrClosed:
		if cause := c.end.err(); cause != nil {
			return cause
		}
	case wsproto.ErrMessageOpCode:
		return errMessageType
	}
	return err
}

var errMessageType = errors.New("the type of a message is MessageText or MessageBinary")
