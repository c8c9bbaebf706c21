package serve

import (
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wshub"
)

const (
	maxName = 64       // bytes of the name of a room or member
	maxSaid = 16 << 10 // bytes of what a member says at a time
)

// errNotText is what a member is told that sends a binary message.
const errNotText = unsupportedError("serve: a chat takes text only")

type unsupportedError string

func (e unsupportedError) Error() string             { return string(e) }
func (e unsupportedError) StatusCode() ws.StatusCode { return ws.StatusUnsupportedData }
func (e unsupportedError) CloseReason() string       { return string(e) }

// member is a connection that is in a room. It is the hub's subscriber for what is said.
type member struct {
	*session
	rooms      *rooms
	room, name string
	after      wshub.Position // of what its client had before the connection; zero: nothing
	receipts   bool           // whether it is told of each message that it was said
	since      time.Time

	hears, sees *wshub.Member // what is said, and who comes and leaves

	mu       sync.Mutex // held while it is told who is there, or who comes and leaves
	welcomed bool
}

// accept are the options of its connections: nobody waits for a peer that does not
// read, and nothing is missing from what it sees until it is dropped.
func (r *rooms) accept(all websocket.AcceptOptions) *websocket.AcceptOptions {
	all.Queue = &websocket.Queue{
		Messages: r.queue,
		Bytes:    -1, // members share them
		WhenFull: websocket.QueueClose,
	}
	all.MessageBudget = nil // what waits would count for each member, and what comes is short
	return &all
}

// prepareChat reads the names of the room and of who wants to join it, which are
// "lobby" and "guest" by default, and where a client wants to go on.
func (s *Server) prepareChat(query url.Values) (start, error) {
	room, err := chatName(query.Get("room"), "lobby")
	if err != nil {
		return nil, fmt.Errorf("serve: room %w", err)
	}
	name, err := chatName(query.Get("name"), "guest")
	if err != nil {
		return nil, fmt.Errorf("serve: name %w", err)
	}
	after, err := wshub.ParsePosition(query.Get("after"))
	if err != nil {
		return nil, fmt.Errorf("serve: after: %w", err)
	}
	receipts := query.Has("receipts")
	return func(c *session) service {
		return &member{session: c, rooms: s.rooms, room: room, name: name, after: after, receipts: receipts, since: time.Now()}
	}, nil
}

func chatName(name, otherwise string) (string, error) {
	if name == "" {
		return otherwise, nil
	}
	if len(name) > maxName {
		return "", fmt.Errorf("has %d bytes, %d are allowed", len(name), maxName)
	}
	if !utf8.ValidString(name) {
		return "", errors.New("is not UTF-8")
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return "", fmt.Errorf("%q has characters that cannot be printed", name)
		}
	}
	return name, nil
}

func (m *member) begin() { m.rooms.join(m) }

func (m *member) message(typ websocket.MessageType, p []byte) error {
	if typ != websocket.MessageText {
		return errNotText
	}
	if err := m.pace(m.rooms.queue); err != nil {
		return err
	}
	m.rooms.say(m, string(p))
	return nil
}

func (m *member) stop() { m.rooms.leave(m) }

// catchUp is how long a member that has come back is not dropped for what it gets at once,
// which is all that it has missed.
const catchUp = 30 * time.Second

// errLater has the hub give a member the rest a little later.
var errLater = errors.New("serve: a member that catches up has enough for now")

// Deliver takes what is said. The first of it answers the subscription, and makes the
// welcome.
func (m *member) Deliver(p *wsflate.PreparedMessage, key string) error {
	if m.hasToBeWelcomed() {
		return m.rooms.welcome(m, p)
	}
	if !m.after.IsZero() && time.Since(m.since) < catchUp && m.halfFull(m.rooms.queue) {
		return errLater
	}
	return m.session.Deliver(p, key)
}

func (m *member) hasToBeWelcomed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.welcomed
}

// sight is a member as the subscriber for who comes and leaves. What is before the
// welcome is in that.
type sight struct{ *member }

func (s sight) Deliver(p *wsflate.PreparedMessage, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.welcomed {
		return nil
	}
	return s.session.Deliver(p, key)
}
