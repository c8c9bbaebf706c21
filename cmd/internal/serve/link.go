package serve

import (
	"context"

	"github.com/wirews/wirews/websocket"
)

// link is a connection as the services see it, of whichever package serves it.
type link interface {
	// write sends a message, in answer to one that is being handled.
	write(typ websocket.MessageType, p []byte) error
	// push sends a message from a goroutine of its own, and waits for the peer.
	push(typ websocket.MessageType, p []byte) error
	// newOutlet returns how a member of a chat is sent what is said. At least most messages
	// can wait in it.
	newOutlet(c *session, most int) outlet
}

// threaded is a connection of package websocket, which has a goroutine: all that is
// done with it may wait.
type threaded struct{ *websocket.Conn }

func (t threaded) write(typ websocket.MessageType, p []byte) error {
	return t.Write(context.Background(), typ, p)
}

func (t threaded) push(typ websocket.MessageType, p []byte) error { return t.write(typ, p) }

func (t threaded) newOutlet(c *session, most int) outlet { return newLine(c, t.Conn, most) }
