package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

const (
	maxName = 64       // bytes of the name of a room or member
	maxSaid = 16 << 10 // bytes of what a member says at a time

	// dropTime is how long a member that was too slow has to take what is being
	// written to it, to be told so, and to answer.
	dropTime = 5 * time.Second
)

// errNotText is what a member is told that sends a binary message.
const errNotText = unsupportedError("serve: a chat takes text only")

type unsupportedError string

func (e unsupportedError) Error() string             { return string(e) }
func (e unsupportedError) StatusCode() ws.StatusCode { return ws.StatusUnsupportedData }
func (e unsupportedError) CloseReason() string       { return string(e) }

// member is a connection that is in a room. What it is to be sent waits in a
// bounded queue, so that nobody waits for a peer that does not read.
type member struct {
	*session
	rooms      *rooms
	room, name string
	queue      chan *said    // members share what is in it
	full       bool          // belongs to rooms
	taken      chan struct{} // has a value after each one that was taken from the queue
	dropped    chan struct{} // closed when the queue was full
	ended      chan struct{} // closed when nothing comes from the peer any more
	silent     chan struct{} // closed when nothing is sent to it any more
}

// prepareChat reads the names of the room and of who wants to join it; the
// defaults are "lobby" and "guest".
func (s *Server) prepareChat(r *http.Request) (start, error) {
	query := r.URL.Query()
	room, err := chatName(query.Get("room"), "lobby")
	if err != nil {
		return nil, fmt.Errorf("serve: room %w", err)
	}
	name, err := chatName(query.Get("name"), "guest")
	if err != nil {
		return nil, fmt.Errorf("serve: name %w", err)
	}
	return func(c *session) service {
		return &member{
			session: c, rooms: &s.rooms, room: room, name: name,
			queue: make(chan *said, max(1, s.options.ChatQueue)),
			taken: make(chan struct{}, 1), dropped: make(chan struct{}),
			ended: make(chan struct{}), silent: make(chan struct{}),
		}
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
	m.rooms.join(m)
	m.pushing.Go(m.run)
}

func (m *member) message(typ websocket.MessageType, p []byte) error {
	if typ != websocket.MessageText {
		return errNotText
	}
	m.pace()
	m.rooms.say(m, string(p))
	return nil
}

// pace waits until half of the member's own queue is free: who says more than
// it reads itself is slowed down, and not dropped for its own words.
func (m *member) pace() {
	for 2*len(m.queue) > cap(m.queue) {
		select {
		case <-m.taken:
		case <-m.dropped:
			return
		case <-m.silent:
			return
		}
	}
}

func (m *member) stop() {
	m.rooms.leave(m)
	close(m.ended)
}

// drop is called once, by rooms, and does not wait.
func (m *member) drop() {
	m.vars.dropped.Add(1)
	close(m.dropped)
	m.pushing.Go(m.giveUp)
}

// run sends what is in the queue.
func (m *member) run() {
	defer close(m.silent)
	for {
		select {
		case <-m.dropped:
			return
		case <-m.ended:
			return
		default:
		}
		select {
		case p := <-m.queue:
			select {
			case m.taken <- struct{}{}:
			default: // has one already
			}
			m.vars.sent.count(p.size)
			if m.conn.WritePrepared(context.Background(), p.message) != nil {
				return
			}
		case <-m.dropped:
		case <-m.ended:
		}
	}
}

// giveUp tells the peer that it was too slow, and waits a while for its answer.
func (m *member) giveUp() {
	ctx, cancel := context.WithTimeout(context.Background(), dropTime)
	defer cancel()
	m.conn.CloseContext(ctx, websocket.StatusTryAgainLater, "too slow for this room")
	select {
	case <-m.ended:
	case <-ctx.Done():
		m.conn.CloseNow()
	}
}
