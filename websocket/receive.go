package websocket

import (
	"context"
	"errors"
	"io"
	"os"

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
	in := &c.in
	for {
		ev, n, err := c.proto.Next(in.b[in.r:in.w], room)
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
		case c.limit.Load() == 0 && len(ev.Payload) > 0:
			return ev, false, wsproto.ErrMessageTooLarge
		}
		decoded = len(ev.Payload) > 0 && len(room) > 0 && &ev.Payload[0] == &room[0]
		return ev, decoded, nil
	}
}

// nextMessage returns the next whole message of what has been received. It is
// valid until more is received or looked at.
func (c *Conn) nextMessage(ctx context.Context) (MessageType, []byte, error) {
	for {
		ev, decoded, err := c.nextEvent(ctx)
		if err != nil {
			return 0, nil, err
		}
		if ev.First && ev.Last {
			return MessageType(ev.Op), ev.Payload, nil
		}
		c.in.add(ev, decoded)
		if ev.Last {
			typ, p := c.in.take()
			return typ, p, nil
		}
	}
}

// poll is what one wait for the transport is about, on its way in and out of
// the callback of a RawConn.
type poll struct {
	c       *Conn
	ready   func(fd uintptr) bool // poll.read, made once
	ctx     context.Context
	n       int
	errno   rawio.Errno
	err     error
	waiting bool
}

// receive waits until more has been received. An error of ctx leaves
// everything as it was; any other is for conclude.
func (c *Conn) receive(ctx context.Context) error {
	if cause := c.cause.Load(); cause != nil && c.over.Load() {
		return cause
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.raw == nil {
		return c.receiveFrom(ctx)
	}
	p := c.poll
	if p == nil {
		p = &poll{c: c}
		p.ready = p.read
		c.poll = p
	}
	p.ctx, p.n, p.errno, p.err = ctx, 0, 0, nil
	err := c.raw.Read(p.ready)
	p.ctx = nil
	var cut bool
	if p.waiting {
		p.waiting = false
		cut = c.rwatch.end(c.conn)
		c.inside.settle(c.conn)
	}
	switch {
	case p.err != nil:
		err = p.err
	case err == nil && p.errno != 0:
		err = os.NewSyscallError("read", p.errno)
	case err == nil && p.n == 0:
		if err = io.EOF; c.over.Load() {
			err = c.cause.Load()
		}
	}
	return c.received(ctx, p.n, err, cut)
}

// read is called when there may be something to read.
func (p *poll) read(fd uintptr) bool {
	c := p.c
	p.n, p.errno = rawio.Read(fd, c.in.room())
	if !rawio.Again(p.errno) {
		return true
	}
	p.errno = 0
	if c.in.empty() {
		c.in.free() // who waits owns no memory
	}
	if p.waiting {
		return false
	}
	p.waiting = true
	if c.settings.hold {
		if !c.inside.enter() {
			return true
		}
		c.flushHeld()
		if !c.inside.leave() {
			return true
		}
	}
	p.err = c.rwatch.begin(p.ctx, c.conn, c.settings.readTimeout)
	return p.err != nil
}

// silence is where a connection without a descriptor waits for the first bytes
// of a frame, instead of in a buffer.
type silence [32]byte

// receiveFrom is receive for any net.Conn.
func (c *Conn) receiveFrom(ctx context.Context) error {
	c.flushHeld()
	idle := c.in.empty() && !c.proto.Inside()
	room := c.silent[:]
	if idle {
		c.in.free()
	} else {
		room = c.in.room()
	}
	err := c.rwatch.begin(ctx, c.conn, c.settings.readTimeout)
	n := 0
	if err == nil {
		n, err = c.conn.Read(room)
	}
	cut := c.rwatch.end(c.conn)
	if idle && n > 0 {
		copy(c.in.room(), room[:n])
	}
	if n > 0 {
		err = nil // it comes again
	}
	return c.received(ctx, n, err, cut)
}

// received notes n bytes behind those that were there, or says why there are
// none.
func (c *Conn) received(ctx context.Context, n int, err error, cut bool) error {
	c.in.w += n
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded) && cut, err == ctx.Err():
		return c.cancelled(ctx)
	case err == io.EOF:
		return c.proto.EOF()
	}
	return err
}

// cancelled returns why an operation was cancelled: by its context, or because
// we close the connection.
func (c *Conn) cancelled(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.cause.Load()
}

// control deals with a control frame.
func (c *Conn) control(ctx context.Context, ev wsproto.Event) error {
	switch ev.Op {
	case ws.OpPing:
		if hook := c.settings.onPing; hook == nil || hook(ctx, ev.Payload) {
			c.answerPing(ev.Payload)
		}
	case ws.OpPong:
		if hook := c.settings.onPong; hook != nil {
			hook(ctx, ev.Payload)
		}
		c.pings.answered(ev.Payload)
	case ws.OpClose:
		return &CloseError{Code: StatusCode(ev.Code()), Reason: string(ev.Reason())}
	}
	return nil
}

// lockReading waits for the turn to read.
func (c *Conn) lockReading(ctx context.Context) error {
	if !c.reading.tryLock() {
		if c.serving.Load() {
			return errServing
		}
		if !c.reading.lock(ctx.Done(), c.closed, nil) {
			if cause := c.cause.Load(); cause != nil {
				return cause
			}
			return ctx.Err()
		}
	}
	if cause := c.cause.Load(); cause != nil && (len(c.kept) == 0 || c.closing.Load()) {
		c.unlockReading()
		return cause
	}
	c.applyLimit()
	return nil
}

func (c *Conn) unlockReading() {
	if c.in.mem != nil && c.in.empty() && (c.stream == nil || len(c.stream.piece) == 0) {
		c.in.free()
	}
	c.reading.unlock()
}

var errServing = errors.New("websocket: Serve reads from this connection, and nothing else can at the same time")
