// A server that counts words and tells everybody, and a client that says some.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"sync"

	"github.com/lxzan/gws"
)

// words counts what the clients of a server say.
type words struct {
	gws.BuiltinEventHandler
	left chan bool

	mu      sync.Mutex
	count   map[string]int
	members map[*gws.Conn]bool
}

func (w *words) OnOpen(c *gws.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.members[c] = true
}

func (w *words) OnMessage(c *gws.Conn, m *gws.Message) {
	defer m.Close()
	word := string(m.Bytes())
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count[word]++
	news := gws.NewBroadcaster(gws.OpcodeText, fmt.Appendf(nil, "%s %d", word, w.count[word]))
	defer news.Close()
	for c := range w.members {
		news.Broadcast(c)
	}
}

func (w *words) OnClose(c *gws.Conn, err error) {
	w.mu.Lock()
	delete(w.members, c)
	w.mu.Unlock()
	if e, ok := err.(*gws.CloseError); ok && e.Code == 1000 {
		fmt.Println("a client has left")
	}
	close(w.left)
}

// client hands on what the server says.
type client struct {
	gws.BuiltinEventHandler
	heard chan string
}

func (c *client) OnMessage(_ *gws.Conn, m *gws.Message) {
	defer m.Close()
	c.heard <- string(m.Bytes())
}

func say(url string, words ...string) error {
	h := &client{heard: make(chan string)}
	c, _, err := gws.NewClient(h, &gws.ClientOption{Addr: url})
	if err != nil {
		return err
	}
	go c.ReadLoop()
	for _, word := range words {
		if err := c.WriteString(word); err != nil {
			return err
		}
		fmt.Println(<-h.heard)
	}
	return c.WriteClose(1000, nil)
}

func main() {
	w := &words{left: make(chan bool), count: make(map[string]int), members: make(map[*gws.Conn]bool)}
	upgrader := gws.NewUpgrader(w, &gws.ServerOption{
		CheckUtf8Enabled: true,
		Authorize:        func(r *http.Request, _ gws.SessionStorage) bool { return r.Header.Get("Origin") == "" },
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := upgrader.Upgrade(w, r); err == nil {
			go c.ReadLoop()
		}
	}))
	if err := say("ws://"+l.Addr().String(), "one", "two", "one"); err != nil {
		log.Fatal(err)
	}
	<-w.left
}
