// A server on an event loop that counts, and a client that asks it to.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"

	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	"github.com/lesismal/nbio/nbhttp/websocket"
)

// handler returns a handler whose connections count what their clients say.
func handler(left chan bool) http.HandlerFunc {
	u := websocket.NewUpgrader()
	u.Subprotocols = []string{"count"}
	u.EnableCompression(true)
	u.MessageLengthLimit = 4096
	u.OnOpen(func(c *websocket.Conn) { c.SetSession(make(map[string]int)) })
	u.OnMessage(func(c *websocket.Conn, _ websocket.MessageType, p []byte) {
		seen, word := c.Session().(map[string]int), string(p)
		seen[word]++
		c.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, "%s %d", word, seen[word]))
	})
	u.OnClose(func(c *websocket.Conn, err error) {
		fmt.Println("the client has left")
		close(left)
	})
	return func(w http.ResponseWriter, r *http.Request) {
		if _, err := u.Upgrade(w, r, nil); err != nil {
			log.Println(err)
		}
	}
}

func ask(e *nbhttp.Engine, url string, words ...string) error {
	answers := make(chan string)
	u := websocket.NewUpgrader()
	u.OnMessage(func(_ *websocket.Conn, _ websocket.MessageType, p []byte) { answers <- string(p) })
	d := websocket.Dialer{Engine: e, Upgrader: u, Subprotocols: []string{"count"}}
	c, _, err := d.Dial(url, nil)
	if err != nil {
		return err
	}
	for _, word := range words {
		if err := c.WriteMessage(websocket.TextMessage, []byte(word)); err != nil {
			return err
		}
		fmt.Println(<-answers)
	}
	return c.WriteClose(1000, "that was all")
}

func main() {
	logging.SetLevel(logging.LevelNone)
	left, bound := make(chan bool), make(chan net.Addr, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("/count", handler(left))
	e := nbhttp.NewEngine(nbhttp.Config{
		Addrs:   []string{"127.0.0.1:0"},
		Handler: mux,
		Listen: func(network, addr string) (net.Listener, error) {
			l, err := net.Listen(network, addr)
			if err == nil {
				bound <- l.Addr()
			}
			return l, err
		},
	})
	if err := e.Start(); err != nil {
		log.Fatal(err)
	}
	defer e.Stop()
	if err := ask(e, "ws://"+(<-bound).String()+"/count", "one", "two", "one"); err != nil {
		log.Fatal(err)
	}
	<-left
}
