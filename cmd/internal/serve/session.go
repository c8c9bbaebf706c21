package serve

import (
	"context"
	"errors"
	"sync"

	"github.com/wirews/wirews/websocket"
)

// service is what an endpoint does with a connection. Its methods are called
// by the goroutine that reads, and do not wait for the peer any longer than a
// write to it may take.
type service interface {
	// begin is called before the first message.
	begin()
	// message takes a message, which is valid until it returns.
	message(typ websocket.MessageType, p []byte) error
	// stop is called once no message comes any more. What runs on goroutines
	// of its own (session.pushing) ends then.
	stop()
}

// session is one WebSocket connection.
type session struct {
	conn    *websocket.Conn
	vars    *vars
	service service
	pushing sync.WaitGroup // goroutines that send on their own account

	messages, bytes int64 // received
}

// run serves the connection until it has ended, and returns why.
func (c *session) run() error {
	c.service.begin()
	err := c.conn.Serve(context.Background(), c.receive)
	c.service.stop()
	c.pushing.Wait()
	return err
}

func (c *session) receive(_ context.Context, typ websocket.MessageType, p []byte) error {
	c.messages++
	c.bytes += int64(len(p))
	c.vars.received.count(len(p))
	return c.service.message(typ, p)
}

func (c *session) send(typ websocket.MessageType, p []byte) error {
	c.vars.sent.count(len(p))
	return c.conn.Write(context.Background(), typ, p)
}

// ended returns the close code that a connection has ended with, and whether all
// was well: a side has closed it, and the other has agreed.
func ended(err error) (code websocket.StatusCode, well bool) {
	end, ok := errors.AsType[*websocket.ConnError](err)
	if !ok {
		return websocket.StatusInternalError, false
	}
	return websocket.StatusCode(end.Code), end.Clean() && end.Err == nil
}
