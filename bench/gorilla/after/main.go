// A server that tells everybody what one of them says, and two clients.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/wshub"
)

// room has those who are there. Nobody in it waits for one that is slow, who has to go.
type room struct{ hub wshub.Hub }

func (r *room) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	c, err := websocket.Accept(w, req, &websocket.AcceptOptions{
		Subprotocols: []string{"room"},
		KeepAlive:    websocket.KeepAlive{Interval: 50 * time.Second, Timeout: 10 * time.Second},
		Queue:        &websocket.Queue{WhenFull: websocket.QueueClose},
	})
	if err != nil {
		log.Println(err)
		return
	}
	defer c.CloseNow()
	c.SetReadLimit(512)
	me := r.hub.Join(c, "")
	defer me.Leave()
	me.Subscribe("everybody")
	for m, err := range c.Messages(req.Context()) {
		if err != nil {
			log.Println(err)
			return
		}
		r.hub.Publish("everybody", wshub.Text(m.Data))
	}
}

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	r := new(room)
	go func() {
		if err := http.Serve(l, r); !errors.Is(err, net.ErrClosed) {
			log.Fatal(err)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, name := range []string{"one", "two"} {
		c, _, err := websocket.Dial(ctx, "ws://"+l.Addr().String(), &websocket.DialOptions{Subprotocols: []string{"room"}})
		if err != nil {
			log.Fatal(err)
		}
		if err := c.Write(ctx, websocket.MessageText, []byte("I am "+name)); err != nil {
			log.Fatal(err)
		}
		_, message, err := c.Read(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.Subprotocol(), "has heard:", string(message))
		fmt.Println("closed:", c.Close(websocket.StatusNormalClosure, "") == nil)
	}
}
