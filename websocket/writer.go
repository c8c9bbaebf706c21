package websocket

import (
	"context"
	"errors"
	"io"

	"github.com/wirews/wirews/ws"
)

// Writer returns a writer of a message, which has to be closed to end it; ctx
// bounds it. One Writer can be open at a time; others, and Write once the first
// fragment has been sent, wait for it. What is written is collected to
// fragments of up to 62 KiB; a message that fits into one is sent as by Write.
// If ctx ends behind the first fragment, the message cannot be ended any more,
// and Close ends the connection.
func (c *Conn) Writer(ctx context.Context, typ MessageType) (io.WriteCloser, error) {
	if typ != MessageText && typ != MessageBinary {
		return nil, errorf("write", errMessageType)
	}
	if err := ctx.Err(); err != nil {
		return nil, errorf("write", err)
	}
	if err := c.lockMessage(ctx); err != nil {
		return nil, errorf("write", err)
	}
	if err := c.writeErr(); err != nil {
		c.extras().message.unlock()
		return nil, err
	}
	return &messageWriter{c: c, ctx: ctx, op: ws.OpCode(typ)}, nil
}

type messageWriter struct {
	c     *Conn
	ctx   context.Context
	op    ws.OpCode
	mem   *buffer
	begun bool // a fragment has been appended
	ended bool // the last one has
	done  bool
}

// fragmentSize is how much of a message a fragment holds that fits into a buffer.
const fragmentSize = 62 << 10

var errWriterClosed = errors.New("websocket: write to a Writer that is closed")

// Write collects p.
func (w *messageWriter) Write(p []byte) (n int, err error) {
	if w.done {
		return 0, errWriterClosed
	}
	for len(p) > 0 {
		if w.mem == nil {
			w.mem = borrow(smallest)
		}
		room := fragmentSize - len(w.mem.b)
		if room == 0 {
			if err := w.fragment(false); err != nil {
				return n, errorf("write", err)
			}
			continue
		}
		k := min(room, len(p))
		w.mem.b = append(w.mem.b, p[:k]...)
		n, p = n+k, p[k:]
	}
	return n, nil
}

// Close sends what is left and ends the message.
func (w *messageWriter) Close() error {
	if w.done {
		return errWriterClosed
	}
	err := w.fragment(true)
	if w.done = true; w.begun && err != nil && !w.ended && w.c.writeErr() == nil {
		// Nothing can be sent behind half a message.
		err = w.c.cutOff(err)
	}
	if w.mem != nil {
		w.mem.giveBack()
		w.mem = nil
	}
	w.c.extras().message.unlock()
	if err != nil {
		return errorf("write", err)
	}
	return nil
}

// fragment sends what has been collected. If ctx ends before it is the
// fragment's turn, it can be tried again.
func (w *messageWriter) fragment(last bool) error {
	c := w.c
	if err := c.lockWriting(w.ctx); err != nil {
		return err
	}
	defer c.unlockWriting()
	var p []byte
	if w.mem != nil {
		p = w.mem.b
	}
	most := c.mayHold()
	if last && !w.begun {
		return c.writeMessage(w.ctx, w.op, p)
	}
	if !w.begun {
		if err := c.proto.BeginMessage(w.op, -1); err != nil {
			return c.refused(err)
		}
		w.begun = true
	}
	out, err := c.proto.AppendFragment(c.outgoing(len(p)), p, last)
	if err != nil {
		return c.notAppended(err)
	}
	if w.ended = last; w.mem != nil {
		w.mem.b = w.mem.b[:0]
	}
	if c.out.b = out; len(out) == 0 {
		c.drained()
		return nil
	}
	return c.dispatch(w.ctx, most, len(out), false)
}
