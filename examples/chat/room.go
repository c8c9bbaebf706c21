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

	err := c.Serve(context.Background(), func(_ context.Context, typ websocket.MessageType, p []byte) error {
		return r.Say(typ, p)
	})
	r.mu.Lock()
	delete(r.members, m)
	close(m.queue) // nobody else sends on it: that needs the lock
	r.mu.Unlock()
	return err
}

// Say sends a message to everybody. Who has too many waiting has to go.
func (r *Room) Say(typ websocket.MessageType, p []byte) error {
	message, err := websocket.NewPreparedMessage(typ, p)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for m := range r.members {
		select {
		case m.queue <- message:
		default:
			go m.conn.Close(websocket.StatusTryAgainLater, "too slow")
		}
	}
	return nil
}

// write sends what waits.
func (m *member) write() {
	for message := range m.queue {
		m.conn.WritePrepared(context.Background(), message)
	}
}
