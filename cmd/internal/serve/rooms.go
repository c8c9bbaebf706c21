package serve

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/wirews/wirews/wshub"
)

// rooms are those that somebody is in. Each is a topic of the hub, and everything
// in it happens in one order, which is the same for all who see it.
type rooms struct {
	queue  int // how many messages may wait for a member, at least 1
	hub    wshub.Hub
	mu     sync.Mutex // held while somebody comes or leaves
	byName map[string]room
}

// room is the names of its members.
type room map[string]struct{}

// happening is what the members of a room are sent.
type happening struct {
	Event   string   `json:"event"` // welcome, join, message or leave
	Room    string   `json:"room,omitempty"`
	Name    string   `json:"name"` // of whom it is about
	Text    *string  `json:"text,omitempty"`
	Members []string `json:"members,omitempty"` // all of the room, in a welcome
}

// join lets m in, with a number after its name if the room has that name
// already. The first that m is sent says who it is and who is there.
func (r *rooms) join(m *member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byName == nil {
		r.byName = make(map[string]room)
	}
	in := r.byName[m.room]
	if in == nil {
		in = make(room)
		r.byName[m.room] = in
	}
	wish := m.name
	for n := 2; in.has(m.name); n++ {
		m.name = fmt.Sprint(wish, "-", n)
	}
	r.tell(m.room, happening{Event: "join", Name: m.name})
	in[m.name] = struct{}{}
	welcome := happening{Event: "welcome", Room: m.room, Name: m.name, Members: slices.Sorted(maps.Keys(in))}
	m.Deliver(welcome.encode().Prepared, "") // an error is the end of the connection, of which we are told
	m.in = r.hub.Join(m, "")
	m.in.Subscribe(m.room)
}

// say sends text to everybody in the room of m, itself included.
func (r *rooms) say(m *member, text string) {
	r.tell(m.room, happening{Event: "message", Name: m.name, Text: &text})
}

func (r *rooms) leave(m *member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m.in.Leave()
	in := r.byName[m.room]
	delete(in, m.name)
	if len(in) == 0 {
		delete(r.byName, m.room)
	}
	r.tell(m.room, happening{Event: "leave", Name: m.name})
}

// count returns the number of rooms and of their members.
func (r *rooms) count() (rooms, members int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, in := range r.byName {
		members += len(in)
	}
	return len(r.byName), members
}

func (in room) has(name string) bool {
	_, ok := in[name]
	return ok
}

func (r *rooms) tell(room string, h happening) { r.hub.Publish(room, h.encode()) }

func (h happening) encode() wshub.Message {
	p, err := json.Marshal(h)
	if err != nil {
		panic(err) // strings cannot fail
	}
	return wshub.Text(p)
}
