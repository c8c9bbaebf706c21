package serve

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/wirews/wirews/websocket"
)

// rooms are those that somebody is in. Everything in them happens in one
// order, which is the same for all who see it.
type rooms struct {
	queue  int // how many messages may wait for a member, at least 1
	mu     sync.Mutex
	byName map[string]room
}

// room is who is in it, by name.
type room map[string]*member

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
	for n := 2; in[m.name] != nil; n++ {
		m.name = fmt.Sprint(wish, "-", n)
	}
	in.tell(happening{Event: "join", Name: m.name})
	in[m.name] = m
	m.outlet.put(encode(happening{
		Event: "welcome", Room: m.room, Name: m.name,
		Members: slices.Sorted(maps.Keys(in)),
	}))
}

// say sends text to everybody in the room of m, itself included.
func (r *rooms) say(m *member, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !m.full {
		r.byName[m.room].tell(happening{Event: "message", Name: m.name, Text: &text})
	}
}

func (r *rooms) leave(m *member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	in := r.byName[m.room]
	delete(in, m.name)
	if len(in) == 0 {
		delete(r.byName, m.room)
	}
	in.tell(happening{Event: "leave", Name: m.name})
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

// tell puts h into everybody's outlet. A member whose outlet is full is dropped: it is
// told nothing more, and leaves when its connection has ended. If it left here,
// telling so might fill the next outlet, and in the end those of all.
func (in room) tell(h happening) {
	p := encode(h)
	for _, m := range in {
		if m.full {
			continue
		}
		if !m.outlet.put(p) {
			m.full = true
			m.drop()
		}
	}
}

// said is a message to several members. It is compressed at most once for all
// of them that compress each message for itself.
type said struct {
	message *websocket.PreparedMessage
	size    int // bytes
}

func encode(h happening) *said {
	p, err := json.Marshal(h)
	if err != nil {
		panic(err) // strings cannot fail
	}
	message, err := websocket.NewPreparedMessage(websocket.MessageText, p)
	if err != nil {
		panic(err) // there is this type
	}
	return &said{message, len(p)}
}
