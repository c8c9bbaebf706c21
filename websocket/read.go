package websocket

import (
	"cmp"
	"context"
	"errors"

	"github.com/wirews/wirews/internal/pagealias"
	"github.com/wirews/wirews/ws"
)

// Read reads a message. p is the caller's.
//
// If the error is ctx's, the connection is as it was, and what has come of the
// message is kept for the next call. A *ConnError is the end of the connection.
// While Serve reads, or the message of a Reader has not been read to its end,
// Read returns another error at once.
func (c *Conn) Read(ctx context.Context) (MessageType, []byte, error) {
	return c.ReadAppend(ctx, nil)
}

// ReadAppend is Read into memory of the caller: it appends the message to dst
// and returns the result. With an error it returns dst as it was.
func (c *Conn) ReadAppend(ctx context.Context, dst []byte) (MessageType, []byte, error) {
	if err := c.lockReading(ctx); err != nil {
		return 0, dst, errorf("read", err)
	}
	defer c.unlockReading() // a hook may panic
	typ, p, err := c.readMessage(ctx)
	if err != nil {
		return 0, dst, errorf("read", err)
	}
	return typ, append(pagealias.Grow(dst, len(p)), p...), nil
}

// readMessage returns the next message, in memory of the connection. It needs
// the reading lock.
func (c *Conn) readMessage(ctx context.Context) (MessageType, []byte, error) {
	if c.rx.stream != nil {
		return 0, nil, c.unfinished()
	}
	if typ, p, ok := c.takeKept(); ok {
		return typ, p, nil
	}
	for {
		typ, p, err := c.nextMessage(ctx)
		if err == nil {
			return typ, p, nil
		}
		if err == ws.ErrShort {
			err = c.more(ctx)
		}
		if err != nil {
			return 0, nil, c.conclude(ctx, err)
		}
	}
}

var errUnfinished = errors.New("websocket: the message before has not been read to its end")

// unfinished is the error of who wants the next message too early.
func (c *Conn) unfinished() error { return cmp.Or(c.err(), errUnfinished) }

// keptMessage is one that has come while only a Ping was reading.
type keptMessage struct {
	typ MessageType
	p   []byte
}

// keep keeps a message for the next Read.
func (c *Conn) keep(typ MessageType, p []byte) {
	c.rx.kept = append(c.rx.kept, keptMessage{typ, append([]byte(nil), p...)})
}

func (c *Conn) takeKept() (typ MessageType, p []byte, ok bool) {
	if len(c.rx.kept) == 0 {
		return 0, nil, false
	}
	m := c.rx.kept[0]
	if c.rx.kept = c.rx.kept[1:]; len(c.rx.kept) == 0 {
		c.rx.kept = nil
	}
	return m.typ, m.p, true
}

// mayKeep reports whether another message may be kept.
func (c *Conn) mayKeep() bool {
	size := int64(0)
	for _, m := range c.rx.kept {
		size += int64(len(m.p))
	}
	limit := c.limit.Load().bytes
	if limit < 0 {
		limit = defaultReadLimit
	}
	return len(c.rx.kept) == 0 || size < limit && len(c.rx.kept) < maxKept
}

// maxKept bounds messages that are shorter than what keeps them.
const maxKept = 64
