package wsflate

import (
	"sync"

	"github.com/wirews/wirews/ws"
)

// PreparedMessage is a message for many connections: it is encoded and
// compressed once for all that have agreed on the same and compress in the same
// way. With context takeover, each connection has to compress it separately. It
// is safe for concurrent use.
type PreparedMessage struct {
	op    ws.OpCode
	plain *Prepared // for the defaults
	mu    sync.Mutex
	byHow map[packing]*Prepared
}

// packing is how a connection compresses, as in Options.
type packing struct {
	threshold int64
	level     int
}

// NewPreparedMessage returns the message p, which is copied. op is [ws.OpText] or
// [ws.OpBinary].
func NewPreparedMessage(op ws.OpCode, p []byte) *PreparedMessage {
	return &PreparedMessage{op: op, plain: Prepare(op, p, nil)}
}

// OpCode returns the opcode of the message.
func (m *PreparedMessage) OpCode() ws.OpCode { return m.op }

// Payload returns the payload, which others use too and nobody must change.
func (m *PreparedMessage) Payload() []byte { return m.plain.payload }

// Frame returns the frame that is to be sent on a connection with the extension d,
// or without any if d is nil, which compresses with the given threshold and level,
// as in Options; see [Prepared.Frame].
func (m *PreparedMessage) Frame(d *Deflate, threshold int64, level int) (frame []byte, ok bool) {
	return m.variant(packing{threshold, level}).Frame(d)
}

// variant returns the message for connections that compress in one way.
func (m *PreparedMessage) variant(how packing) *Prepared {
	if how == (packing{}) {
		return m.plain
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	v := m.byHow[how]
	if v == nil {
		if m.byHow == nil {
			m.byHow = make(map[packing]*Prepared)
		}
		v = Prepare(m.op, m.plain.payload, &Options{Threshold: how.threshold, Level: how.level})
		m.byHow[how] = v
	}
	return v
}
