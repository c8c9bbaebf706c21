package main

import (
	"context"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
	"github.com/wirews/wirews/wshub"
)

// NewHub returns a hub that keeps the last 100 messages of a topic, for ten minutes.
func NewHub(bus wshub.Bus) *wshub.Hub {
	return &wshub.Hub{
		Bus:    bus,
		Retain: func(topic string) wshub.Retention { return wshub.Retention{Messages: 100, Age: 10 * time.Minute} },
		Encode: encode,
	}
}

// NewServer returns a server of topics. Connections end after a while, if cut is not
// zero, so that there is something to see.
func NewServer(hub *wshub.Hub, cut time.Duration) *websocket.Server {
	return &websocket.Server{
		Handler: func(ctx context.Context, c *websocket.Conn) {
			if cut > 0 {
				defer time.AfterFunc(cut, func() { c.CloseNow() }).Stop()
			}
			serve(ctx, hub, c)
		},
		Options: websocket.AcceptConnOptions{AcceptOptions: websocket.AcceptOptions{
			KeepAlive: websocket.KeepAlive{Interval: 30 * time.Second},
			// What does not fit is refused, and the hub gives it to the client later.
			Queue: &websocket.Queue{Bytes: 256 << 10, WhenFull: websocket.QueueDropNewest},
		}},
		CloseCode:   websocket.StatusServiceRestart, // clients come back, not all at once
		CloseSpread: 2 * time.Second,
	}
}

// serve is one connection. What it says subscribes it to topics.
func serve(ctx context.Context, hub *wshub.Hub, c *websocket.Conn) {
	me := hub.Join(c, "")
	defer me.Leave()
	for {
		var s Subscribe
		if err := wsjson.Read(ctx, c, &s); err != nil {
			return
		}
		me.SubscribeFrom(s.Topic, wshub.Start{After: s.After, Last: s.Last})
	}
}
