package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wshub"
)

// rooms are those that somebody is in. What is said in one is a topic of the hub, and
// has one order, which is the same for all who hear it, at every node. Members that
// come and leave are told of at each node by itself.
type rooms struct {
	queue int    // how many messages may wait for a member, at least 1
	node  string // the name of this server, if there is a bus
	hub   wshub.Hub

	doors sync.Mutex // held while somebody comes or leaves and the others are told, in that order

	mu     sync.Mutex // no method of the hub is called with it that delivers or publishes
	byName map[string]*room
	empty  []string // the rooms without members, the one that was left first at the beginning
	others others
	news   bool // other nodes do not know yet who is here
}

func newRooms(queue int, bus wshub.Bus, node string) *rooms {
	r := &rooms{queue: queue, byName: make(map[string]*room), others: make(others)}
	r.hub.Retain, r.hub.Encode = r.retain, encode
	if bus != nil {
		r.node, r.hub.Bus = node, bus
	}
	return r
}

// room is one that has members, or has had some a while ago.
type room struct {
	members map[string]struct{}
	keeper  *wshub.Member // has the topic go on while there are no members
	twins   int           // numbers over fewTwins that were given, each once
}

// fewTwins is up to which number a name gets the least that is free.
const fewTwins = 10

// maxEmpty is how many rooms are remembered that everybody has left, so that who has lost
// a connection can go on.
const maxEmpty = 100

// retention bounds what is remembered of a room.
var retention = wshub.Retention{Messages: 100, Bytes: 64 << 10, Age: 10 * time.Minute}

// topicOf returns the topic of what is said in a room.
func topicOf(room string) string { return roomPrefix + room }

const roomPrefix = "room:"

// retain says what the hub keeps of a topic.
func (r *rooms) retain(topic string) wshub.Retention {
	name, ok := strings.CutPrefix(topic, roomPrefix)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !ok || r.byName[name] == nil {
		return wshub.Retention{}
	}
	return retention
}

// join lets m in. The first that m is sent is a welcome, which says who it is and who is
// there.
func (r *rooms) join(m *member) {
	r.doors.Lock()
	keeper := r.enter(m)
	r.tell(m.room, happening{Event: "join", Name: m.name})
	r.doors.Unlock()
	keeper.Subscribe(topicOf(m.room))
	m.sees = r.hub.Join(sight{m}, m.room)
	m.hears = r.hub.Join(m, "")
	m.hears.SubscribeFrom(topicOf(m.room), wshub.Start{After: m.after})
}

// enter gives m a name in its room: with a number after it if the room has that name
// already, and with the node's if there are several. It returns the keeper of the room.
func (r *rooms) enter(m *member) *wshub.Member {
	r.mu.Lock()
	defer r.mu.Unlock()
	in := r.byName[m.room]
	if in == nil {
		in = &room{members: make(map[string]struct{}), keeper: r.hub.Join(silent{}, "")}
		r.byName[m.room] = in
	}
	r.empty = slices.DeleteFunc(r.empty, func(name string) bool { return name == m.room })
	wish, at := m.name, ""
	if r.node != "" {
		at = "@" + r.node
	}
	m.name = wish + at
	for n := 2; in.has(m.name); n++ {
		if n > fewTwins { // each of very many would try the numbers of all others
			in.twins++
			n = fewTwins + in.twins
		}
		m.name = fmt.Sprint(wish, "-", n, at)
	}
	in.members[m.name] = struct{}{}
	r.news = true
	return in.keeper
}

// welcome sends m the answer to its subscription: where it is, who it is, and who is
// there.
func (r *rooms) welcome(m *member, answer *wsflate.PreparedMessage) error {
	var h happening
	if err := json.Unmarshal(answer.Payload(), &h); err != nil {
		return err // which it cannot be: we have encoded it
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	h.Gap = h.Event == "gap"
	h.Event, h.Room, h.Name, h.Node, h.Members = "welcome", m.room, m.name, r.node, r.present(m.room)
	err := m.session.Deliver(h.encode().Prepared, "")
	m.welcomed = err == nil
	return err
}

// present returns who is in a room, at all nodes.
func (r *rooms) present(room string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.others.in(room)
	if in := r.byName[room]; in != nil {
		all = slices.AppendSeq(all, maps.Keys(in.members))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// sayTimeout is how long a bus has to take what is said.
const sayTimeout = 5 * time.Second

// say sends text to everybody in the room of m, itself included.
func (r *rooms) say(m *member, text string) {
	ctx, cancel := context.WithTimeout(context.Background(), sayTimeout)
	defer cancel()
	at, err := r.hub.PublishContext(ctx, topicOf(m.room), happening{Event: "message", Name: m.name, Text: &text}.encode())
	// An error to tell it is the end of the connection, of which we are told.
	switch {
	case err != nil:
		m.call.log.Warn("not said", "err", err)
		m.session.Deliver(happening{Event: "failed", Text: &text}.encode().Prepared, "")
	case m.receipts:
		m.session.Deliver(happening{Event: "said", Text: &text, At: at}.encode().Prepared, "")
	}
}

// leave ends the membership of m.
func (r *rooms) leave(m *member) {
	m.hears.Leave()
	m.sees.Leave()
	r.doors.Lock()
	defer r.doors.Unlock()
	if forgotten := r.free(m); forgotten != nil {
		forgotten.Leave()
	}
	r.tell(m.room, happening{Event: "leave", Name: m.name})
}

// free frees the name of m. If a room is to be forgotten, it returns its keeper.
func (r *rooms) free(m *member) *wshub.Member {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.news = true
	in := r.byName[m.room]
	if delete(in.members, m.name); len(in.members) > 0 {
		return nil
	}
	if r.empty = append(r.empty, m.room); len(r.empty) <= maxEmpty {
		return nil
	}
	name := r.empty[0]
	r.empty = slices.Delete(r.empty, 0, 1)
	keeper := r.byName[name].keeper
	delete(r.byName, name)
	return keeper
}

// count returns the number of rooms and of their members, at this node.
func (r *rooms) count() (rooms, members int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, in := range r.byName {
		if n := len(in.members); n > 0 {
			rooms++
			members += n
		}
	}
	return rooms, members
}

func (in *room) has(name string) bool {
	_, ok := in.members[name]
	return ok
}

// tell tells those who are in a room at this node.
func (r *rooms) tell(room string, h happening) { r.hub.SendTo(room, h.encode()) }

// silent is a subscriber that nobody is.
type silent struct{}

func (silent) Deliver(*wsflate.PreparedMessage, string) error { return nil }
