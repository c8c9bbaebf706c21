package main

import (
	"context"
	"sync"

	"github.com/wirews/wirews/websocket"
)

// Room is everybody who is there.
type Room struct {
	mu      sync.Mutex
	members map[*member]bool
}

// member is one of them: what is said waits in its queue, so that nobody waits
// for a slow one.
type member struct {
	conn  *websocket.Conn
	queue chan *websocket.PreparedMessage
}

// patience is how many messages may wait for a member.
const patience = 64

// NewRoom returns a room with nobody in it.
func NewRoom() *Room { return &Room{members: make(map[*member]bool)} }

// Serve lets a connection in, until it has ended, and returns why it has.
func (r *Room) Serve(c *websocket.Conn) error {
	m := &member{c, make(chan *websocket.PreparedMessage, patience)}
	r.mu.Lock()
	r.members[m] = true
	r.mu.Unlock()
	go m.write()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.leave(m)
	}()
	return c.Serve(context.Background(), func(_ context.Context, typ websocket.MessageType, p []byte) error {
		if typ != websocket.MessageText {
			return c.Close(websocket.StatusUnsupportedData, "this chat takes text only")
		}
		return r.Say(p)
	})
}

// Say sends a text to everybody. It is encoded, and compressed, once for all.
// Who has too many waiting has to go.
func (r *Room) Say(text []byte) error {
	message, err := websocket.NewPreparedMessage(websocket.MessageText, text)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for m := range r.members {
		select {
		case m.queue <- message:
		default:
			r.leave(m)
			// It takes a while, because the peer does not read.
			go m.conn.Close(websocket.StatusTryAgainLater, "too slow for this room")
		}
	}
	return nil
}

// leave takes a member out, if it is there. It needs the lock.
func (r *Room) leave(m *member) {
	if r.members[m] {
		delete(r.members, m)
		close(m.queue)
	}
}

// write sends what waits.
func (m *member) write() {
	for message := range m.queue {
		if m.conn.WritePrepared(context.Background(), message) != nil {
			return // Serve tells why
		}
	}
}
