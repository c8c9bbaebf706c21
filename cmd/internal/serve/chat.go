package serve

import (
	"errors"
	"fmt"
	"net/url"
	"unicode"
	"unicode/utf8"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
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

// member is a connection that is in a room.
type member struct {
	*session
	outlet     outlet
	rooms      *rooms
	room, name string
	full       bool // belongs to rooms: too much waits in its outlet
}

// prepareChat reads the names of the room and of who wants to join it; the
// defaults are "lobby" and "guest".
func (s *Server) prepareChat(query url.Values) (start, error) {
	room, err := chatName(query.Get("room"), "lobby")
	if err != nil {
		return nil, fmt.Errorf("serve: room %w", err)
	}
	name, err := chatName(query.Get("name"), "guest")
	if err != nil {
		return nil, fmt.Errorf("serve: name %w", err)
	}
	return func(c *session) service {
		return &member{session: c, rooms: &s.rooms, room: room, name: name}
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

func (m *member) begin() {
	m.outlet = m.newOutlet(m.session, m.rooms.queue)
	m.rooms.join(m)
}

func (m *member) message(typ websocket.MessageType, p []byte) error {
	if typ != websocket.MessageText {
		return errNotText
	}
	m.outlet.pace()
	m.rooms.say(m, string(p))
	return nil
}

func (m *member) stop() {
	m.rooms.leave(m)
	m.outlet.end()
}

// drop is called once, by rooms, and does not wait.
func (m *member) drop() {
	m.vars.dropped.Add(1)
	m.outlet.drop()
}
