// A server on an event loop that counts, and a client that asks it to.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

// server returns a server whose connections count what their clients say.
func server(left chan bool) *wspoll.Server {
	return &wspoll.Server{
		Subprotocols: []string{"count"},
		Compression:  &wspoll.Compression{},
		Limits:       wsproto.Limits{Message: 4096},
		OnRequest: func(r *wspoll.Request) wspoll.Decision {
			if string(r.Target) != "/count" {
				return wspoll.Refuse(ws.RejectConnectionError(ws.RejectionStatus(404)))
			}
			return wspoll.Accept()
		},
		OnOpen: func(c *wspoll.Conn) { c.SetValue(make(map[string]int)) },
		OnMessage: func(c *wspoll.Conn, _ ws.OpCode, p []byte) {
			seen, word := c.Value().(map[string]int), string(p)
			seen[word]++
			c.Write(ws.OpText, fmt.Appendf(nil, "%s %d", word, seen[word]))
		},
		OnClose: func(c *wspoll.Conn, err *wspoll.ConnError) {
			fmt.Println("the client has left")
			close(left)
		},
	}
}

func ask(ctx context.Context, url string, words ...string) error {
	c, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{"count"}})
	if err != nil {
		return err
	}
	defer c.CloseNow()
	for _, word := range words {
		if err := c.Write(ctx, websocket.MessageText, []byte(word)); err != nil {
			return err
		}
		_, answer, err := c.Read(ctx)
		if err != nil {
			return err
		}
		fmt.Println(string(answer))
	}
	return c.Close(websocket.StatusNormalClosure, "that was all")
}

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	left := make(chan bool)
	s := server(left)
	go s.Serve(l)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := ask(ctx, "ws://"+l.Addr().String()+"/count", "one", "two", "one"); err != nil {
		log.Fatal(err)
	}
	<-left
	s.Shutdown(ctx)
}
