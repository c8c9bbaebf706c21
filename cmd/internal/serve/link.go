package serve

import (
	"context"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/wshub"
)

// link is a connection as the services see it, of whichever package serves it.
type link interface {
	// write sends a message, in answer to one that is being handled.
	write(typ websocket.MessageType, p []byte) error
	// push sends a message from a goroutine of its own, and waits for the peer.
	push(typ websocket.MessageType, p []byte) error
	// Deliver enqueues what happens in a chat, and does not wait. If too much waits
	// already, the connection is closed with 1013.
	wshub.Subscriber
	// pace is called before the peer says something in a chat. If half of the messages
	// wait that may, it waits until they have left: a member that says more than it
	// reads itself is slowed down, and not dropped for its own words.
	pace(most int) error
	// halfFull reports whether half of the messages wait that may.
	halfFull(most int) bool
}

// threaded is a connection of package websocket, which has a goroutine: all that is
// done with it may wait.
type threaded struct{ *websocket.Conn }

func (t threaded) write(typ websocket.MessageType, p []byte) error {
	return t.Write(context.Background(), typ, p)
}

func (t threaded) push(typ websocket.MessageType, p []byte) error { return t.write(typ, p) }

func (t threaded) pace(most int) error {
	if !t.halfFull(most) {
		return nil
	}
	return t.Flush(context.Background())
}

func (t threaded) halfFull(most int) bool { return 2*t.QueueState().Messages >= most }
