package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
	"github.com/wirews/wirews/wshub"
)

// Hello is what a client says first.
type Hello struct{ Room, Name string }

// Line is what everybody in a room gets. The server's own have no name.
type Line struct{ Name, Text string }

// NewServer returns a chat with rooms.
func NewServer() *websocket.Server {
	var hub wshub.Hub
	return &websocket.Server{
		Handler: func(ctx context.Context, c *websocket.Conn) { talk(ctx, &hub, c) },
		Options: websocket.AcceptConnOptions{AcceptOptions: websocket.AcceptOptions{
			CompressionMode: websocket.CompressionNoContextTakeover,
			KeepAlive:       websocket.KeepAlive{Interval: 30 * time.Second},
			Queue:           &websocket.Queue{Bytes: 256 << 10, WhenFull: websocket.QueueClose},
		}},
		CloseCode:   websocket.StatusServiceRestart, // clients come back
		CloseSpread: 2 * time.Second,
	}
}

// talk is one connection, from its first message to its last.
func talk(ctx context.Context, hub *wshub.Hub, c *websocket.Conn) {
	var hello Hello
	if err := wsjson.Read(ctx, c, &hello); err != nil || hello.Name == "" {
		c.Close(websocket.StatusPolicyViolation, "say who you are first")
		return
	}
	say := func(name, text string) {
		p, _ := json.Marshal(Line{name, text}) // strings cannot fail
		hub.Publish(hello.Room, wshub.Text(p))
	}
	me := hub.Join(c, hello.Name)
	me.Subscribe(hello.Room)
	say("", hello.Name+" is here")
	for m, err := range c.Messages(ctx) {
		if err != nil {
			break
		}
		say(hello.Name, string(m.Data))
	}
	me.Leave()
	say("", hello.Name+" has left")
}
