package main

import (
	"encoding/json"

	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wshub"
)

// Subscribe is what a client says first: a topic, and the position of what it had
// last. Without one, or if that is not to be had any more, it gets the Last messages.
type Subscribe struct {
	Topic string
	After wshub.Position
	Last  int
}

// Event is what the server says. At is the position after it: a client that comes back
// says that. Kind is message, subscribed or gap. A Prev that is later than where the
// client is says that a message was dropped on its way.
type Event struct {
	Kind, Topic, Text string
	At, Prev          wshub.Position
}

// encode makes a message of what the hub has for the members of a topic.
func encode(e wshub.Event) *wsflate.PreparedMessage {
	p, _ := json.Marshal(Event{e.Kind.String(), e.Topic, string(e.Data), e.Position, e.Prev}) // strings cannot fail
	return wshub.Text(p).Prepared
}
