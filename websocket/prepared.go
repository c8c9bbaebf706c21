package websocket

import (
	"context"
	"sync"

	"github.com/wirews/wirews/internal/endpoint"
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
	defer c.unlockOutput()
	if err := c.writePrepared(ctx, m); err != nil {
		return errorf("write", err)
	}
	return nil
}

func (c *Conn) writePrepared(ctx context.Context, m *PreparedMessage) error {
	deflate, _ := c.extension().(*wsflate.Deflate)
	frame, ok := m.variant(c.settings.threshold).Frame(deflate)
	if !ok {
		return c.writeMessage(ctx, m.op, m.p)
	}
	box := &c.out.box
	before := box.Len()
	if c.direct(len(frame)) {
		if err := box.Sender.Ready(); err != nil {
			return c.notSent(err)
		}
		return c.flush(sending{way: waiting, ctx: ctx, message: endpoint.Unsent{Before: before, Payload: frame}})
	}
	if err := box.Prepared(frame); err != nil {
		return c.notSent(err)
	}
	return c.sendDue(ctx, endpoint.Unsent{Before: before})
}
