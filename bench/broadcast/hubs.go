package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/centrifugal/centrifuge"
	gorilla "github.com/gorilla/websocket"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/wshub"
)

func wirewsHub(retain func(string) wshub.Retention) func(s *server) func([]byte) func() {
	return func(s *server) func([]byte) func() {
		h := wshub.Hub{Retain: retain}
		accept(s, &websocket.AcceptOptions{Queue: &websocket.Queue{}}, func(c *websocket.Conn) { h.Join(c, "").Subscribe("all") })
		return func(payload []byte) func() {
			return func() { h.Publish("all", wshub.Text(payload)) }
		}
	}
}

func keepsAHundred(string) wshub.Retention { return wshub.Retention{Messages: 100} }

// chatClient is a connection in the manner of gorilla's chat: a channel, and a
// goroutine that writes what comes by it.
type chatClient struct {
	conn *gorilla.Conn
	send chan []byte
}

func (c *chatClient) write() {
	for p := range c.send {
		c.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
		w, err := c.conn.NextWriter(gorilla.TextMessage)
		must(err)
		w.Write(p)
		must(w.Close())
	}
}

// gorillaChat is a goroutine that has all clients in a map, and does not wait for those
// whose channel is full.
func gorillaChat(s *server) func([]byte) func() {
	join, publish := make(chan *chatClient), make(chan []byte)
	go func() {
		clients := make(map[*chatClient]bool)
		for {
			select {
			case c := <-join:
				clients[c] = true
				s.join()
			case p := <-publish:
				for c := range clients {
					select {
					case c.send <- p:
					default:
						delete(clients, c)
						close(c.send)
					}
				}
			case <-s.done:
				for c := range clients {
					close(c.send)
				}
				return
			}
		}
	}()
	u := gorilla.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024}
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		conn, err := u.Upgrade(w, r, nil)
		must(err)
		defer conn.Close()
		c := &chatClient{conn, make(chan []byte, 256)}
		join <- c
		c.write()
	})
	return func(payload []byte) func() {
		return func() { publish <- payload }
	}
}

// pushes is a transport of centrifuge that only writes, over gorilla.
type pushes struct{ conn *gorilla.Conn }

func (t pushes) Name() string                                { return "pushes" }
func (t pushes) AcceptProtocol() string                      { return "" }
func (t pushes) Protocol() centrifuge.ProtocolType           { return centrifuge.ProtocolTypeJSON }
func (t pushes) ProtocolVersion() centrifuge.ProtocolVersion { return centrifuge.ProtocolVersion2 }
func (t pushes) Unidirectional() bool                        { return true }
func (t pushes) Emulation() bool                             { return false }
func (t pushes) DisabledPushFlags() uint64                   { return ^centrifuge.PushFlagPublication }
func (t pushes) PingPongConfig() centrifuge.PingPongConfig {
	return centrifuge.PingPongConfig{PingInterval: -1}
}
func (t pushes) Write(p []byte) error              { return t.conn.WriteMessage(gorilla.TextMessage, p) }
func (t pushes) Close(centrifuge.Disconnect) error { return t.conn.Close() }

func (t pushes) WriteMany(all ...[]byte) error {
	for _, p := range all {
		if err := t.Write(p); err != nil {
			return err
		}
	}
	return nil
}

// pushed is what centrifuge makes of a payload, which has to be JSON.
const pushed = `{"channel":"all","pub":{"data":"%s"}}`

func centrifugeNode(s *server) func([]byte) func() {
	node, err := centrifuge.New(centrifuge.Config{})
	must(err)
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{
			Credentials:   &centrifuge.Credentials{},
			Subscriptions: map[string]centrifuge.SubscribeOptions{"all": {}},
		}, nil
	})
	must(node.Run())
	var u gorilla.Upgrader
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		conn, err := u.Upgrade(w, r, nil)
		must(err)
		client, closes, err := centrifuge.NewClient(r.Context(), node, pushes{conn})
		must(err)
		defer closes()
		client.Connect(centrifuge.ConnectRequest{})
		s.stay()
	})
	go func() { <-s.done; node.Shutdown(context.Background()) }()
	return func(payload []byte) func() {
		return func() {
			_, err := node.Publish("all", fmt.Appendf(nil, "%q", payload))
			must(err)
		}
	}
}
