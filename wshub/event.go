package wshub

import (
	"fmt"

	"github.com/wirews/wirews/wsflate"
)

// Event is what a member gets of a topic: a message, or what it has to know about
// the messages that follow. Hub.Encode makes a WebSocket message of it.
type Event struct {
	// Kind says what it is.
	Kind EventKind
	// Topic is the name of the topic.
	Topic string
	// Entry is the message. Other kinds have the Position only. In all of them that is
	// where to go on from, by Start.After, once the event has been received.
	Entry
	// Prev is where the message before this one is, or a later position with none of
	// the topic between. If it has a greater offset than the position that a client
	// has, messages of between were dropped on their way.
	Prev Position
}

// EventKind is what an Event is.
type EventKind uint8

const (
	// EventMessage is a message.
	EventMessage EventKind = iota
	// EventSubscribed is the answer to a subscription: everything after Position follows.
	// With Start.After, that is the same position, so there is no hole.
	EventSubscribed
	// EventGap says that messages are missing before what follows, which is everything
	// after Position. It is the answer to a subscription whose Start.After is not to be had
	// any more, and comes at any time after a failure of the bus, or for a member that
	// was too slow.
	EventGap
)

// String returns the name of the kind.
func (k EventKind) String() string {
	switch k {
	case EventMessage:
		return "message"
	case EventSubscribed:
		return "subscribed"
	case EventGap:
		return "gap"
	}
	return fmt.Sprintf("EventKind(%d)", uint8(k))
}

// encode returns the message for an event, or nil if there is none to be sent.
func (h *Hub) encode(e Event) *wsflate.PreparedMessage {
	switch {
	case h.Encode != nil:
		return h.Encode(e)
	case e.Kind == EventMessage:
		return wsflate.NewPreparedMessage(e.Op, e.Data)
	}
	return nil
}
