// A server that tells everybody what one of them says, and two clients.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/wirews/wirews/websocket"
)

// room has those who are there.
type room struct {
	mu    sync.Mutex
	conns map[*websocket.Conn]bool
}

func (r *room) tell(ctx context.Context, message []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		if err := c.Write(ctx, websocket.MessageText, message); err != nil {
			log.Println(err)
		}
	}
}

func (r *room) set(c *websocket.Conn, there bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if delete(r.conns, c); there {
		r.conns[c] = true
	}
}

func (r *room) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	c, err := websocket.Accept(w, req, &websocket.AcceptOptions{
		Subprotocols: []string{"room"},
		KeepAlive:    websocket.KeepAlive{Interval: 50 * time.Second, Timeout: 10 * time.Second},
		WriteTimeout: 10 * time.Second,
	})
	if err != nil {
		log.Println(err)
		return
	}
	defer c.CloseNow()
	c.SetReadLimit(512)
	r.set(c, true)
	defer r.set(c, false)
	for {
		_, message, err := c.Read(req.Context())
		if websocket.CloseStatus(err) == websocket.StatusNormalClosure {
			return
		}
		if err != nil {
			log.Println(err)
			return
		}
		r.tell(req.Context(), message)
	}
}

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	r := &room{conns: make(map[*websocket.Conn]bool)}
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
