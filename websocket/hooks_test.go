package websocket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// A hook that panics ends the connection, as a Handler that does, and the panic
// goes on; no lock stays held, whatever has called the hook.
func TestAPanicInAHookClosesAndGoesOn(t *testing.T) {
	opts := &websocket.AcceptOptions{
		OnPingReceived: func(context.Context, []byte) bool { panic("ping") },
		OnPongReceived: func(context.Context, []byte) { panic("pong") },
	}
	hooks := map[string]ws.OpCode{"ping": ws.OpPing, "pong": ws.OpPong}
	readers := map[string]func(c *websocket.Conn){
		"Read":       func(c *websocket.Conn) { c.Read(context.Background()) },
		"Reader":     func(c *websocket.Conn) { c.Reader(context.Background()) },
		"a Reader's": func(c *websocket.Conn) { _, r, _ := c.Reader(context.Background()); io.ReadAll(r) },
		"Close":      func(c *websocket.Conn) { c.Close(websocket.StatusNormalClosure, "") },
		"Serve": func(c *websocket.Conn) {
			c.Serve(context.Background(), func(context.Context, websocket.MessageType, []byte) error { return nil })
		},
		"NetConn": func(c *websocket.Conn) {
			io.ReadAll(websocket.NetConn(context.Background(), c, websocket.MessageText))
		},
	}
	for name, pair := range transports {
		for hook, op := range hooks {
			for reader, read := range readers {
				client, server := pair(t)
				c := accept(t, client, server, opts)
				panicked := make(chan any, 1)
				go func() {
					defer func() { panicked <- recover() }()
					read(c)
				}()
				go func() {
					if reader == "a Reader's" {
						client.Write(masked(ws.OpText, false, "x"))
					}
					client.Write(masked(op, true, ""))
				}()
				rest := make(chan error, 1)
				go func() {
					_, err := io.ReadAll(client)
					rest <- err
				}()
				if got := <-panicked; got != hook {
					t.Fatalf("%s, %s, %s: %v", name, reader, hook, got)
				}
				for call, err := range map[string]error{
					"Read":  func() error { _, _, err := c.Read(within(t)); return err }(),
					"Write": c.Write(within(t), websocket.MessageText, nil),
					"Ping":  c.Ping(within(t)),
				} {
					if !errors.Is(err, net.ErrClosed) || !errors.Is(err, websocket.EndedByUs) {
						t.Errorf("%s, %s, %s: a %s after it: %v", name, reader, hook, call, err)
					}
				}
				<-rest // the transport is closed
				client.Close()
			}
		}
	}
}
