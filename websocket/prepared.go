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
	plain *wsflate.Prepared // for the defaults
	mu    sync.Mutex
	byHow map[packing]*wsflate.Prepared
	p     []byte
}

// packing is how a connection compresses, as in the options.
type packing struct {
	threshold int64
	level     int
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

// variant returns the message for connections that compress in one way.
func (m *PreparedMessage) variant(how packing) *wsflate.Prepared {
	if how == (packing{}) {
		return m.plain
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	v := m.byHow[how]
	if v == nil {
		if m.byHow == nil {
			m.byHow = make(map[packing]*wsflate.Prepared)
		}
		v = wsflate.Prepare(m.op, m.p, &wsflate.Options{Threshold: how.threshold, Level: how.level})
		m.byHow[how] = v
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
	frame, ok := m.variant(packing{c.settings.threshold, c.settings.level}).Frame(deflate)
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
