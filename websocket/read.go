package websocket

import (
	"cmp"
	"context"
	"errors"

	"github.com/wirews/wirews/internal/pagealias"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Read reads a message. p is the caller's.
//
// If the error is ctx's, the connection is as it was, and what has come of the
// message is kept for the next call. That is also so if ctx has ended before, and a
// message has been received already. A [*ConnError] is the end of the connection.
// While Serve reads, or the message of a Reader has not been read to its end,
// Read returns another error at once. While a Close is under way, it returns when
// that has ended.
func (c *Conn) Read(ctx context.Context) (MessageType, []byte, error) {
	return c.ReadAppend(ctx, nil)
}

// ReadAppend is Read into memory of the caller: it appends the message to dst
// and returns the result. With an error it returns dst as it was.
func (c *Conn) ReadAppend(ctx context.Context, dst []byte) (MessageType, []byte, error) {
	if err := c.lockInput(ctx); err != nil {
		return 0, dst, errorf("read", err)
	}
	defer c.unlockInput()
	ev, err := c.readMessage(ctx)
	if err != nil {
		return 0, dst, errorf("read", err)
	}
	p := ev.Payload
	return MessageType(ev.Op), append(pagealias.Grow(dst, len(p)), p...), nil
}

// readMessage returns the next message, in memory of the connection. It needs the
// lock of the input.
func (c *Conn) readMessage(ctx context.Context) (wsproto.Event, error) {
	if c.in.rx.stream != nil {
		return wsproto.Event{}, c.unfinished()
	}
	if err := ctx.Err(); err != nil {
		return wsproto.Event{}, err // although messages may have been received: a loop would go on through them
	}
	c.in.share += messageShare
	c.yield()
	f, err := c.read(ctx, whole)
	c.flushReplies(descriptor{})
	return f, err
}

// read returns the next message or piece, waits for it if need be, and ends the
// connection if the end has come.
func (c *Conn) read(ctx context.Context, p portion) (wsproto.Event, error) {
	for {
		if ended, err := c.keepPace(ctx); ended {
			return wsproto.Event{}, c.conclude(ctx, found{err: err})
		} else if err != nil {
			return wsproto.Event{}, err
		}
		dropping := c.end.asked.Load()
		if dropping {
			c.drop()
			p = pieces
		}
		ev, ok, err := c.next(ctx, p)
		switch {
		case err != nil || ev.Op == ws.OpClose:
			return wsproto.Event{}, c.conclude(ctx, found{event: ev, err: err})
		case ok && dropping:
		case ok && len(ev.Payload) > 0 && c.takesNothing():
			return wsproto.Event{}, c.conclude(ctx, found{err: wsproto.ErrMessageTooLarge})
		case ok:
			return ev, nil
		}
		if !c.in.rx.Dry() {
			if err := c.interrupted(ctx); err != nil {
				return wsproto.Event{}, err
			}
			continue
		}
		if ended, err := c.receive(ctx); ended {
			return wsproto.Event{}, c.conclude(ctx, found{err: err, transport: true})
		} else if err != nil {
			return wsproto.Event{}, err
		}
	}
}

// takesNothing reports whether messages are limited to no bytes at all, which is
// not a limit that wsproto knows.
func (c *Conn) takesNothing() bool {
	limit := c.in.limit.Load()
	current := c.in.rx.Receiver.Config == &limit.config // and not set in the middle of the message
	return limit.bytes == 0 && current && c.end.err() == nil
}

var errUnfinished = errors.New("websocket: the message before has not been read to its end")

// unfinished is the error for a reader that wants the next message too early.
func (c *Conn) unfinished() error { return cmp.Or(c.end.err(), errUnfinished) }
