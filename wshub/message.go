package wshub

import (
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// Message is what is published.
type Message struct {
	// Prepared is the message itself.
	Prepared *wsflate.PreparedMessage
	// Key is for members that keep the latest message of each key only, as
	// websocket.QueueKeepLatest does: the name of a price or of a player. Empty: it
	// replaces no other message.
	Key string
	// Except does not get the message: its sender, mostly. nil: everybody does.
	Except *Member
}

// Text returns a text message. p is copied, and has to be UTF-8.
func Text(p []byte) Message {
	return Message{Prepared: wsflate.NewPreparedMessage(ws.OpText, p)}
}

// Binary returns a binary message. p is copied.
func Binary(p []byte) Message {
	return Message{Prepared: wsflate.NewPreparedMessage(ws.OpBinary, p)}
}

// record returns the message as a bus carries it.
func (m *Message) record() Record {
	r := Record{Op: m.Prepared.OpCode(), Data: m.Prepared.Payload(), Key: m.Key}
	if m.Except != nil {
		r.Origin = m.Except.id
	}
	return r
}

// Subscriber takes the messages of a member. A *websocket.Conn with a Queue is
// one.
type Subscriber interface {
	// Deliver enqueues a message for the peer. It must not wait for the peer, or
	// everybody else waits too. m is shared and must not be changed. An error says
	// that the message will not be sent. The hub counts it, and goes on; if its topics
	// have positions, it tries again later, with what is kept then or with a gap.
	Deliver(m *wsflate.PreparedMessage, key string) error
}
