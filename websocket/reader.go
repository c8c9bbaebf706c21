package websocket

import (
	"cmp"
	"context"
	"io"
)

// Reader waits for a message and returns a reader of it, which ends with
// io.EOF where the message does. ctx bounds the reader too. The message has to
// be read to its end before the next Read or Reader; if ctx has ended in it,
// Reader with another context goes on where that one has stopped.
func (c *Conn) Reader(ctx context.Context) (MessageType, io.Reader, error) {
	if err := c.lockInput(ctx); err != nil {
		return 0, nil, errorf("read", err)
	}
	defer c.unlockInput()
	err := ctx.Err() // as in Read
	var m *messageReader
	if err == nil {
		m, err = c.openStream(ctx)
	}
	if err != nil {
		return 0, nil, errorf("read", err)
	}
	return m.typ, m, nil
}

// messageReader reads the open message of a connection.
type messageReader struct {
	c     *Conn
	ctx   context.Context
	typ   MessageType
	piece []byte // received and not read yet
	last  bool   // nothing of the message comes after piece
	ended bool   // all of it has been read
}

func (c *Conn) openStream(ctx context.Context) (*messageReader, error) {
	if m := c.in.rx.stream; m != nil {
		if m.ctx.Err() == nil {
			return nil, c.unfinished()
		}
		next := *m
		next.ctx, c.in.rx.stream = ctx, &next
		return &next, nil
	}
	m := &messageReader{c: c, ctx: ctx}
	if c.in.rx.Open() { // begun by a Read whose context has ended
		begun := c.in.rx.Begun()
		c.count(begun)
		m.typ, m.piece = MessageType(begun.Op), begun.Payload
	} else if err := m.next(ctx); err != nil {
		return nil, err
	}
	c.in.rx.stream = m
	return m, nil
}

// Read reads more of the message.
func (m *messageReader) Read(p []byte) (int, error) {
	if m.ended {
		return 0, io.EOF
	}
	if err := m.c.lockInput(m.ctx); err != nil {
		return 0, errorf("read", err)
	}
	defer m.c.unlockInput()
	if m.c.in.rx.stream != m {
		return 0, errorf("read", cmp.Or(m.ctx.Err(), m.c.unfinished())) // another goes on with it
	}
	for len(m.piece) == 0 && !m.last {
		if err := m.next(m.ctx); err != nil {
			return 0, errorf("read", err)
		}
	}
	n := copy(p, m.piece)
	m.piece = m.piece[n:]
	if len(m.piece) == 0 && m.last {
		m.c.in.rx.stream, m.ended = nil, true
		if n == 0 {
			return 0, io.EOF
		}
	}
	return n, nil
}

// next gets the next piece.
func (m *messageReader) next(ctx context.Context) error {
	m.c.in.share += messageShare
	m.c.yield()
	ev, err := m.c.read(ctx, pieces)
	m.c.flushReplies(descriptor{})
	if err == nil {
		m.typ, m.piece, m.last = MessageType(ev.Op), ev.Payload, ev.Last
	}
	return err
}
