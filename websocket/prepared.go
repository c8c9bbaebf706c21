package websocket

import (
	"context"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// PreparedMessage is a message for many connections: it is encoded and
// compressed once for all that have agreed on the same. With context takeover,
// each connection has to compress it separately. It is safe for concurrent use.
type PreparedMessage = wsflate.PreparedMessage

// NewPreparedMessage returns the message p, which is copied.
func NewPreparedMessage(typ MessageType, p []byte) (*PreparedMessage, error) {
	if typ != MessageText && typ != MessageBinary {
		return nil, errorf("prepare", errMessageType)
	}
	return wsflate.NewPreparedMessage(ws.OpCode(typ), p), nil
}

// WritePrepared sends a message that has been prepared; else it is as Write. m is
// not copied, even if it has to wait in a queue.
func (c *Conn) WritePrepared(ctx context.Context, m *PreparedMessage) error {
	if c.queue() != nil {
		return c.enqueue(ctx, Outgoing{Prepared: m})
	}
	if err := c.lockMessages(ctx); err != nil {
		return errorf("write", err)
	}
	err := c.writeMessage(ctx, outgoing{prepared: m})
	c.unlockOutput()
	if err != nil {
		return errorf("write", err)
	}
	return nil
}
