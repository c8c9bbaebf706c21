package websocket

import (
	"context"
	"errors"
	"io"

	"github.com/wirews/wirews/internal/bufpool"
	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
)

// Writer returns a writer of a message, which has to be closed to end it; ctx
// bounds it. One Writer can be open at a time; others, and Write once the first
// fragment has been sent, wait for it. With a Queue, Writer waits until the messages
// that are in the queue have left, and those that come after it wait there; if the
// connection is closed while the Writer is open, they are not sent. What is written
// is collected to fragments of up to 62 KiB; a message that fits into one is sent as
// by Write.
// If ctx ends after the first fragment was sent, the message cannot be completed,
// and Close ends the connection.
func (c *Conn) Writer(ctx context.Context, typ MessageType) (io.WriteCloser, error) {
	if typ != MessageText && typ != MessageBinary {
		return nil, errorf("write", errMessageType)
	}
	if err := contextErr(ctx); err != nil {
		return nil, errorf("write", err)
	}
	w := &messageWriter{c: c, ctx: ctx, op: ws.OpCode(typ)}
	if err := w.begin(); err != nil {
		return nil, errorf("write", err)
	}
	return w, nil
}

type messageWriter struct {
	c     *Conn
	ctx   context.Context
	op    ws.OpCode
	turn  *turn // in the queue; nil: there is none
	mem   *bufpool.Buffer
	begun bool // a fragment has been appended
	ended bool // the last one has
	done  bool
}

// begin waits for the turn to write a message: after those that wait in the queue,
// and no Writer is open.
func (w *messageWriter) begin() error {
	c := w.c
	if c.queue() == nil {
		if err := c.lockMessage(w.ctx); err != nil {
			return err
		}
	} else {
		w.turn = newTurn()
		if err := c.awaitTurn(w.ctx, w.turn); err != nil {
			return err
		}
	}
	err := c.unsent()
	if err != nil {
		w.end()
	}
	return err
}

// end lets others write messages.
func (w *messageWriter) end() {
	if w.turn == nil {
		w.c.extras().message.unlock()
	} else {
		w.c.endTurn(w.turn)
	}
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
			w.mem = bufpool.Borrow(bufpool.Smallest)
		}
		room := fragmentSize - len(w.mem.B)
		if room == 0 {
			if err := w.fragment(false); err != nil {
				return n, errorf("write", err)
			}
			continue
		}
		k := min(room, len(p))
		w.mem.B = append(w.mem.B, p[:k]...)
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
	if w.done = true; w.begun && err != nil && !w.ended && w.c.unsent() == nil {
		// Nothing can be sent after half a message.
		err = w.c.cutOff(err)
		if w.c.out.lock.tryLock() { // otherwise whoever has it finds the end
			w.c.out.box.Drop()
			w.c.unlockOutput()
		}
	}
	if w.mem != nil {
		w.mem.GiveBack()
		w.mem = nil
	}
	w.end()
	if err != nil {
		return errorf("write", err)
	}
	return nil
}

// fragment sends what has been collected. If ctx ends before it is the
// fragment's turn, it can be tried again.
func (w *messageWriter) fragment(last bool) error {
	c := w.c
	if err := c.lockOutput(w.ctx); err != nil {
		return err
	}
	defer c.unlockOutput()
	var p []byte
	if w.mem != nil {
		p = w.mem.B
	}
	if last && !w.begun {
		return c.writeMessage(w.ctx, outgoing{op: w.op, p: p})
	}
	box := &c.out.box
	if !w.begun {
		if err := box.Sender.BeginMessage(w.op, -1); err != nil {
			return c.notSent(err)
		}
		w.begun = true
	}
	if err := box.Fragment(p, last); err != nil {
		return c.notSent(err)
	}
	if w.ended = last; w.mem != nil {
		w.mem.B = w.mem.B[:0]
	}
	return c.sendDue(sending{way: waiting, ctx: w.ctx, message: endpoint.Unsent{Before: box.Len(), Fixed: true}})
}
