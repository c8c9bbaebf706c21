package websocket

import (
	"bytes"
	"sync"

	"github.com/wirews/wirews/wsflate"
)

// PreparedMessage is a message for many connections: it is compressed once for all
// that compress in the same way. It is safe for concurrent use.
type PreparedMessage struct {
	messageType int
	data        []byte

	mu      sync.Mutex
	byLevel map[int]*wsflate.Prepared
}

// NewPreparedMessage returns a message of any type. data is copied.
func NewPreparedMessage(messageType int, data []byte) (*PreparedMessage, error) {
	switch {
	case isControl(messageType):
		if err := checkControl(messageType, data); err != nil {
			return nil, err
		}
	case !isData(messageType):
		return nil, errMessageType
	}
	return &PreparedMessage{messageType: messageType, data: bytes.Clone(data)}, nil
}

// at returns the message for connections that compress at that level.
func (m *PreparedMessage) at(level int) *wsflate.Prepared {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.byLevel[level]
	if p == nil {
		if m.byLevel == nil {
			m.byLevel = make(map[int]*wsflate.Prepared)
		}
		p = wsflate.Prepare(opcode(m.messageType), m.data, &wsflate.Options{Level: level, Threshold: everyMessage})
		m.byLevel[level] = p
	}
	return p
}

// WritePreparedMessage sends a message that has been prepared; else it is as
// WriteMessage.
func (c *Conn) WritePreparedMessage(pm *PreparedMessage) error {
	if isControl(pm.messageType) {
		return c.WriteMessage(pm.messageType, pm.data)
	}
	c.out.messages.Lock()
	defer c.out.messages.Unlock()
	if err := c.begin(pm.messageType); err != nil {
		return err
	}
	how := c.lockWire()
	defer c.unlockWire()
	if err := c.out.failed(); err != nil {
		return err
	}
	c.encode(how)
	return c.writePrepared(how, pm)
}
