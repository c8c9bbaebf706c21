package websocket

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"

	"github.com/wirews/wirews/internal/rawio"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// All of this needs the reading lock.

// nextEvent takes what has been received apart, up to the next piece of a
// message. ws.ErrShort says that more has to be received; any other error is
// for conclude. Control frames are dealt with on the way.
func (c *Conn) nextEvent(ctx context.Context) (ev wsproto.Event, decoded bool, err error) {
	var room []byte
	rx := c.rx
	in := &rx.in
	for {
		ev, n, err := rx.proto.Next(in.b[in.r:in.w], room)
		in.r += n
		switch {
		case err == wsproto.ErrRoom:
			room = in.decodeRoom()
			continue
		case err != nil:
			return ev, false, err
		case ev.Op.IsControl():
			if err := c.control(ctx, ev); err != nil {
				return ev, false, err
			}
			continue
		case len(ev.Payload) > 0 && c.limit.Load().bytes == 0:
			return ev, false, wsproto.ErrMessageTooLarge
		}
		decoded = len(ev.Payload) > 0 && len(room) > 0 && &ev.Payload[0] == &room[0]
		return ev, decoded, nil
	}
}

// nextMessage returns the next whole message of what has been received. It is
// valid until more is received or looked at.
func (c *Conn) nextMessage(ctx context.Context) (MessageType, []byte, error) {
	in := &c.rx.in
	if in.r == in.w {
		return 0, nil, ws.ErrShort // which is what it comes to: a Decoder holds nothing back between calls
	}
	if c.limit.Load().bytes != 0 {
		if ev, n, ok := c.rx.proto.Whole(in.b[in.r:in.w]); ok {
			in.r += n
			return MessageType(ev.Op), ev.Payload, nil
		}
	}
	for {
		ev, decoded, err := c.nextEvent(ctx)
		if err != nil {
			return 0, nil, err
		}
		if ev.First && ev.Last {
			return MessageType(ev.Op), ev.Payload, nil
		}
		c.rx.in.add(ev, decoded)
		if ev.Last {
			typ, p := c.rx.in.take()
			return typ, p, nil
		}
	}
}

// receiving is the receiving half of a connection that is in the middle of
// something, or reading. What waits for the next message has none: it is
// pooled, and there is nothing to remember then.
type receiving struct {
	proto  wsproto.Receiver
	in     inbox
	kept   []keptMessage  // what has come while only a Ping was reading
	stream *messageReader // that has not been read to its end

	// What a wait is about, on its way into the callback of a RawConn and out
	// of it.
	ctx   context.Context
	n     int
	errno rawio.Errno
	err   error
}

var receivings = sync.Pool{New: func() any { return new(receiving) }}

// wake gives the connection a receiving half, if it has none.
func (c *Conn) wake() {
	if c.rx != nil {
		return
	}
	c.rx = receivings.Get().(*receiving)
	c.rx.proto.Config = &c.limit.Load().config
	if c.deflate != nil {
		c.rx.proto.Decoder = c.deflate
	}
}

// rest gives back what a connection does not need that is between messages:
// its buffers, and, if nothing refers to it, its receiving half.
func (c *Conn) rest() {
	rx := c.rx
	if rx == nil || !rx.in.empty() || rx.stream != nil && len(rx.stream.piece) > 0 {
		return
	}
	rx.in.free()
	if rx.stream != nil || len(rx.kept) > 0 || rx.proto.Inside() {
		return
	}
	c.rx = nil
	*rx = receiving{}
	receivings.Put(rx)
}

// receive waits until more has been received. An error of ctx leaves
// everything as it was; any other is for conclude.
func (c *Conn) receive(ctx context.Context) error {
	if c.inside.over() {
		return c.err()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.raw == nil {
		return c.receiveFrom(ctx)
	}
	if c.ready == nil {
		c.ready = c.read
	}
	rx := c.rx
	rx.ctx, rx.n, rx.errno, rx.err = ctx, 0, 0, nil
	err := c.raw.Read(c.ready)
	c.wake()
	rx = c.rx
	rx.ctx = nil
	var cut bool
	if c.waiting {
		c.waiting = false
		cut = c.endRead()
		c.inside.settle(c.conn)
	}
	switch {
	case rx.err != nil:
		err = rx.err
	case err == nil && rx.errno != 0:
		err = os.NewSyscallError("read", rx.errno)
	case err == nil && rx.n == 0:
		if err = io.EOF; c.inside.over() {
			err = c.err()
		}
	}
	return c.received(ctx, rx.n, err, cut)
}

// read is called when there may be something to read.
func (c *Conn) read(fd uintptr) bool {
	c.wake()
	rx := c.rx
	rx.n, rx.errno = rawio.Read(fd, rx.in.room())
	if !rawio.Again(rx.errno) {
		return true
	}
	rx.errno = 0
	if !c.waiting {
		c.waiting = true
		if c.settings.hold > 0 {
			if !c.inside.enter() {
				return true
			}
			c.flushNow()
			if !c.inside.leave() {
				return true
			}
		}
		if rx.err = c.beginRead(rx.ctx); rx.err != nil {
			return true
		}
	}
	c.rest() // who waits owns no memory
	return false
}

// receiveFrom is receive for any net.Conn. One without a descriptor waits for
// the first bytes of a frame in a few bytes of its own, instead of in a buffer.
func (c *Conn) receiveFrom(ctx context.Context) error {
	if c.settings.hold > 0 {
		c.flushNow()
	}
	idle := c.rx.in.empty() && !c.rx.proto.Inside()
	room := c.extras().silence[:]
	if idle {
		c.rx.in.free()
	} else {
		room = c.rx.in.room()
	}
	err := c.beginRead(ctx)
	n := 0
	if err == nil {
		n, err = c.conn.Read(room)
	}
	cut := c.endRead()
	if idle && n > 0 {
		copy(c.rx.in.room(), room[:n])
	}
	if n > 0 {
		err = nil // it comes again
	}
	return c.received(ctx, n, err, cut)
}

// received notes n bytes behind those that were there, or says why there are
// none.
func (c *Conn) received(ctx context.Context, n int, err error, cut bool) error {
	c.rx.in.w += n
	switch {
	case err == nil:
		return nil
	case cut && timedOut(err), err == ctx.Err():
		return c.cancelled(ctx)
	case err == io.EOF:
		return c.rx.proto.EOF()
	}
	return err
}

// timedOut reports whether err is that of a deadline. There are transports that
// have one of their own.
func timedOut(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

// cancelled returns why an operation was cancelled: by its context, or because
// we close the connection.
func (c *Conn) cancelled(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.err()
}

// control deals with a control frame.
func (c *Conn) control(ctx context.Context, ev wsproto.Event) error {
	switch ev.Op {
	case ws.OpPing:
		if c.settings.onPing == nil || c.pinged(ctx, ev.Payload) {
			c.answerPing(ev.Payload)
		}
	case ws.OpPong:
		if c.settings.onPong != nil {
			c.ponged(ctx, ev.Payload)
		}
		c.extras().pings.answered(ev.Payload)
	case ws.OpClose:
		return &CloseError{Code: StatusCode(ev.Code()), Reason: string(ev.Reason())}
	}
	return nil
}

// lockReading waits for the turn to read.
func (c *Conn) lockReading(ctx context.Context) error {
	if !c.reading.tryLock() {
		if c.serving.Load() != notServing {
			return errServing
		}
		if !c.reading.lock(ctx.Done(), c.done(), nil) {
			if c.inside.over() {
				return c.err()
			}
			return ctx.Err()
		}
	}
	if c.cause.Load() != nil && !c.left() {
		c.reading.unlock()
		return c.awaitEnd(ctx)
	}
	c.wake()
	c.applyLimit()
	return nil
}

// awaitEnd waits for the end of a connection that is about to end, and returns
// why it has: who loops over Read and closes the transport behind it must not
// cut off a closing handshake that somebody else has begun.
func (c *Conn) awaitEnd(ctx context.Context) error {
	if !c.inside.over() {
		select {
		case <-c.done():
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return c.err()
}

// left reports whether something that was received before the connection has
// ended is still to be read. Who closes it himself wants nothing more.
func (c *Conn) left() bool {
	if c.closing.Load() || c.rx == nil {
		return false
	}
	m := c.rx.stream
	return len(c.rx.kept) > 0 || m != nil && (m.last || len(m.piece) > 0)
}

func (c *Conn) unlockReading() {
	c.rest()
	c.reading.unlock()
}

var errServing = errors.New("websocket: Serve reads from this connection, and nothing else can at the same time")
