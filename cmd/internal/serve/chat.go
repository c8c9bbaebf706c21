package serve

import (
	"errors"
	"fmt"
	"net/http"
	"time"
	"unicode"
	"unicode/utf8"

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

// member is a connection that is in a room. What it is to be sent waits in a
// bounded queue, so that nobody waits for a peer that does not read.
type member struct {
	*session
	rooms      *rooms
	room, name string
	queue      chan *said    // members share what is in it
	full       bool          // belongs to rooms
	taken      chan struct{} // has a value behind each one that was taken from the queue
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

func (m *member) message(op ws.OpCode, p []byte) error {
	if op != ws.OpText {
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
	// A write that does not end would hold up the close frame.
	m.conn.SetWriteDeadline(time.Now().Add(lingerTime))
}

// run sends what is in the queue.
func (m *member) run() {
	defer close(m.silent)
	var frame []byte
	for {
		select {
		case <-m.dropped:
			m.giveUp()
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
			frame = p.message.AppendFrame(frame[:0], m.deflate)
			if err := m.push(frame, p.size); err != nil {
				return
			}
		case <-m.dropped:
		case <-m.ended:
		}
	}
}

// giveUp tells the peer that it was too slow, and waits a while for its answer.
func (m *member) giveUp() {
	m.close(ws.StatusTryAgainLater, "too slow for this room")
	timer := time.NewTimer(lingerTime)
	defer timer.Stop()
	select {
	case <-m.ended:
	case <-timer.C:
		m.cut()
	}
}
