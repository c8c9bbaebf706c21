// A server that tells everybody what one of them says, and two clients.
package main

import (
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const pongWait, pingPeriod = time.Minute, 50 * time.Second

// client is a connection with what waits to be sent to it.
type client struct {
	conn *websocket.Conn
	send chan []byte
}

// room has those who are there.
type room struct {
	mu      sync.Mutex
	clients map[*client]bool
}

func (r *room) tell(message []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.clients {
		c.send <- message
	}
}

func (r *room) leave(c *client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.clients[c] {
		delete(r.clients, c)
		close(c.send)
	}
}

var upgrader = websocket.Upgrader{Subprotocols: []string{"room"}}

func (r *room) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	conn, err := upgrader.Upgrade(w, req, nil)
	if err != nil {
		log.Println(err)
		return
	}
	c := &client{conn, make(chan []byte, 16)}
	r.mu.Lock()
	r.clients[c] = true
	r.mu.Unlock()
	go c.write()
	c.read(r)
}

func (c *client) read(r *room) {
	defer r.leave(c)
	c.conn.SetReadLimit(512)
	c.conn.SetReadDeadline(time.Now().Add(pongWait))
	c.conn.SetPongHandler(func(string) error {
		return c.conn.SetReadDeadline(time.Now().Add(pongWait))
	})
	for {
		_, message, err := c.conn.ReadMessage()
		if websocket.IsUnexpectedCloseError(err, websocket.CloseNormalClosure) {
			log.Println(err)
		}
		if err != nil {
			return
		}
		r.tell(message)
	}
}

func (c *client) write() {
	defer c.conn.Close()
	ticker := time.NewTicker(pingPeriod)
	defer ticker.Stop()
	for {
		select {
		case message, ok := <-c.send:
			if !ok {
				return
			}
			c.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
			if c.conn.WriteMessage(websocket.TextMessage, message) != nil {
				return
			}
		case <-ticker.C:
			if c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(10*time.Second)) != nil {
				return
			}
		}
	}
}

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	r := &room{clients: make(map[*client]bool)}
	go func() {
		if err := http.Serve(l, r); !errors.Is(err, net.ErrClosed) {
			log.Fatal(err)
		}
	}()
	dialer := websocket.Dialer{Subprotocols: []string{"room"}, HandshakeTimeout: time.Minute}
	for _, name := range []string{"one", "two"} {
		conn, _, err := dialer.Dial("ws://"+l.Addr().String(), nil)
		if err != nil {
			log.Fatal(err)
		}
		if err := conn.WriteMessage(websocket.TextMessage, []byte("I am "+name)); err != nil {
			log.Fatal(err)
		}
		_, message, err := conn.ReadMessage()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(conn.Subprotocol(), "has heard:", string(message))
		goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		if err := conn.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(time.Second)); err != nil {
			log.Fatal(err)
		}
		for err == nil {
			_, _, err = conn.ReadMessage()
		}
		fmt.Println("closed:", websocket.IsCloseError(err, websocket.CloseNormalClosure))
		conn.Close()
	}
}
