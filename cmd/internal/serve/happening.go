package serve

import (
	"encoding/json"

	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wshub"
)

// happening is what the members of a room are sent.
//
// A message has a position, At, with which a client that comes back goes on, and Prev,
// that of the message before it. A welcome has one too: what follows is everything after
// it. The bus carries messages in the same form, without positions.
type happening struct {
	Event   string         `json:"event"` // welcome, join, message, leave, gap, said or failed
	Room    string         `json:"room,omitempty"`
	Name    string         `json:"name,omitempty"` // of whom it is about
	Text    *string        `json:"text,omitempty"`
	Members []string       `json:"members,omitempty"` // all of the room, in a welcome
	Node    string         `json:"node,omitempty"`    // the server, in a welcome, if there are several
	Gap     bool           `json:"gap,omitempty"`     // in a welcome: not everything since the client was there is to be had
	At      wshub.Position `json:"at,omitzero"`
	Prev    wshub.Position `json:"prev,omitzero"`
}

func (h happening) encode() wshub.Message {
	p, err := json.Marshal(h)
	if err != nil {
		panic(err) // strings cannot fail
	}
	return wshub.Text(p)
}

// encode makes what members are sent of what the hub has for them.
func encode(e wshub.Event) *wsflate.PreparedMessage {
	h := happening{Event: "gap"}
	switch {
	case e.Topic == nodesTopic && e.Kind == wshub.EventMessage:
		return wsflate.NewPreparedMessage(e.Op, e.Data)
	case e.Topic == nodesTopic:
		return nil
	case e.Kind == wshub.EventSubscribed:
		h.Event = "welcome"
	case e.Kind == wshub.EventMessage:
		if json.Unmarshal(e.Data, &h) != nil || h.Event != "message" {
			return nil // a server of another version has said it
		}
		h.Prev = e.Prev
	}
	h.At = e.Position
	return h.encode().Prepared
}
