package websocket

import (
	"context"
	"sync"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// PreparedMessage is a message for many connections: it is encoded and
// compressed once for all that have agreed on the same. With context takeover,
// each connection has to compress it for itself. It is safe for concurrent use.
type PreparedMessage struct {
	op    ws.OpCode
	plain *wsflate.Prepared // below any threshold: never compressed
	mu    sync.Mutex
	byMin map[int64]*wsflate.Prepared // by compression threshold
	p     []byte
}

// NewPreparedMessage returns the message p, which is copied.
func NewPreparedMessage(typ MessageType, p []byte) (*PreparedMessage, error) {
	if typ != MessageText && typ != MessageBinary {
		return nil, errorf("prepare", errMessageType)
	}
	m := &PreparedMessage{op: ws.OpCode(typ), p: append([]byte(nil), p...)}
	m.plain = wsflate.Prepare(m.op, m.p, nil)
	return m, nil
}

// variant returns the message for connections with a compression threshold.
func (m *PreparedMessage) variant(threshold int64) *wsflate.Prepared {
	if threshold == 0 {
		return m.plain
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	v := m.byMin[threshold]
	if v == nil {
		if m.byMin == nil {
			m.byMin = make(map[int64]*wsflate.Prepared)
		}
		v = wsflate.Prepare(m.op, m.p, &wsflate.Options{Threshold: threshold})
		m.byMin[threshold] = v
	}
	return v
}

// WritePrepared sends a message that has been prepared; else it is as Write.
func (c *Conn) WritePrepared(ctx context.Context, m *PreparedMessage) error {
	if err := c.lockMessages(ctx); err != nil {
		return errorf("write", err)
	}
	defer c.unlockWriting()
	if err := c.writePrepared(ctx, m); err != nil {
		return errorf("write", err)
	}
	return nil
}

func (c *Conn) writePrepared(ctx context.Context, m *PreparedMessage) error {
	frame, ok := m.variant(c.settings.threshold).Frame(c.deflate)
	if !ok {
		return c.writeMessage(ctx, m.op, m.p)
	}
	c.takeLate()
	before, most := c.pending(), c.mayHold()
	if before+len(frame) >= most && c.raw != nil && !c.client() {
		c.room(0)
		if err := c.proto.Ready(); err != nil {
			return c.notAppended(err)
		}
		return c.flush(ctx, frame, before, true)
	}
	out, err := c.proto.AppendPrepared(c.room(len(frame)), frame)
	if err != nil {
		return c.notAppended(err)
	}
	c.out.b = out
	return c.dispatch(ctx, most, before, true)
}
