package main

import (
	"context"
	_ "embed"
	"net/http"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/wshub"
)

//go:embed page.html
var page []byte

// Page is the browser's side of the chat.
func Page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(page)
}

// NewChat returns the server's side: what anybody says, everybody gets. There are no
// pumps: the hub waits for nobody, the connection has the queue and the pings.
func NewChat() *websocket.Server {
	var hub wshub.Hub
	s := &websocket.Server{Handler: func(ctx context.Context, c *websocket.Conn) {
		c.SetReadLimit(512)
		me := hub.Join(c, "")
		defer me.Leave()
		me.Subscribe("chat")
		c.Serve(ctx, func(_ context.Context, _ websocket.MessageType, p []byte) error {
			hub.Publish("chat", wshub.Text(p))
			return nil
		})
	}}
	s.Options.KeepAlive = websocket.KeepAlive{Interval: 54 * time.Second, Timeout: 6 * time.Second}
	s.Options.Queue = &websocket.Queue{Messages: 256, WhenFull: websocket.QueueClose}
	return s
}
