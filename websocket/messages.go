package websocket

import (
	"context"
	"errors"
	"iter"

	"github.com/wirews/wirews/internal/bufpool"
)

// Message is a message that [Conn.Messages] has received.
type Message struct {
	// Type is MessageText or MessageBinary.
	Type MessageType
	// Data is the payload. It is valid until the loop asks for the next message or
	// ends; then other connections get its memory. Whoever needs it for longer copies
	// it.
	Data []byte
}

// Messages returns the messages that the connection receives, for a loop:
//
//	for m, err := range c.Messages(ctx) {
//		if err != nil {
//			return err
//		}
//		use(m.Type, m.Data)
//	}
//
// The loop ends without an error when the peer has closed the connection because
// all is said: with close code 1000 (Normal Closure), without a code, as browsers do
// it, or, if it is a client, with 1001 (Going Away), as browsers do when a page is
// left. Any other end is yielded once, as the error that Read returns, with a zero
// [Message]: another close code, an end without a close frame, a Close or CloseNow of
// this program, and the end of ctx. A server that is going away may not have said
// all, so that is an error for its client. After the end of ctx the connection goes
// on, and so it does after a break: what comes next is for the next Read, Reader,
// Serve or Messages.
//
// No message costs an allocation, and a loop that waits owns no buffer. Its body may
// do whatever the caller of Read may: write, Ping as long as somebody else reads, or
// Close. The sequence can be used more than once, and in several goroutines, which
// take turns.
func (c *Conn) Messages(ctx context.Context) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for {
			typ, lent, err := c.readLent(ctx)
			if err != nil {
				if !c.saidAll(err) {
					yield(Message{}, err)
				}
				return
			}
			more := yield(Message{typ, lent.B}, nil)
			lent.GiveBack()
			if !more {
				return
			}
		}
	}
}

// readLent reads a message into memory that is borrowed when it has come: a
// connection that waits is to own none.
func (c *Conn) readLent(ctx context.Context) (MessageType, *bufpool.Buffer, error) {
	if err := c.lockInput(ctx); err != nil {
		return 0, nil, errorf("read", err)
	}
	defer c.unlockInput()
	ev, err := c.readMessage(ctx)
	if err != nil {
		return 0, nil, errorf("read", err)
	}
	lent := bufpool.Borrow(len(ev.Payload))
	lent.B = append(lent.B, ev.Payload...)
	return MessageType(ev.Op), lent, nil
}

// saidAll reports whether the connection has ended because the peer had nothing more
// to say.
func (c *Conn) saidAll(err error) bool {
	end, ok := errors.AsType[*ConnError](err)
	if !ok || end.By != EndedByPeer {
		return false
	}
	switch StatusCode(end.Code) {
	case StatusNormalClosure, StatusNoStatusRcvd:
		return true
	case StatusGoingAway:
		return !c.client()
	}
	return false
}
