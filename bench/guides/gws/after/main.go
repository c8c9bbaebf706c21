// A server that counts words and tells everybody, and a client that says some.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"sync"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/wshub"
)

// words counts what the clients of a server say.
type words struct {
	left chan bool
	hub  wshub.Hub

	mu    sync.Mutex
	count map[string]int
}

// serve is one connection, from its beginning to its end.
func (w *words) serve(ctx context.Context, c *websocket.Conn) {
	member := w.hub.Join(c, "")
	member.Subscribe("words")
	err := c.Serve(ctx, func(_ context.Context, _ websocket.MessageType, p []byte) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.count[string(p)]++
		w.hub.Publish("words", wshub.Text(fmt.Appendf(nil, "%s %d", p, w.count[string(p)])))
		return nil
	})
	member.Leave()
	if websocket.CloseStatus(err) == websocket.StatusNormalClosure {
		fmt.Println("a client has left")
	}
	close(w.left)
}

func say(ctx context.Context, url string, words ...string) error {
	c, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return err
	}
	defer c.CloseNow()
	for _, word := range words {
		if err := c.Write(ctx, websocket.MessageText, []byte(word)); err != nil {
			return err
		}
		_, heard, err := c.Read(ctx)
		if err != nil {
			return err
		}
		fmt.Println(string(heard))
	}
	return c.Close(websocket.StatusNormalClosure, "")
}

func main() {
	w := &words{left: make(chan bool), count: make(map[string]int)}
	s := &websocket.Server{Handler: w.serve}
	s.Options.Queue = &websocket.Queue{WhenFull: websocket.QueueClose}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go s.Serve(l)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := say(ctx, "ws://"+l.Addr().String(), "one", "two", "one"); err != nil {
		log.Fatal(err)
	}
	<-w.left
}
