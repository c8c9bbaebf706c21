// Command latest tells prices to those who ask for them: the last one at once, and
// then each new one. It is what docs/cookbook/last-value.md shows.
package main

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/wshub"
)

// NewHub returns a hub that keeps the last message of each topic for a day.
func NewHub() *wshub.Hub {
	return &wshub.Hub{Retain: func(topic string) wshub.Retention {
		return wshub.Retention{Messages: 1, Age: 24 * time.Hour}
	}}
}

// NewServer returns a server whose clients say which shares they want to hear of, one
// a message.
func NewServer(hub *wshub.Hub) *websocket.Server {
	s := &websocket.Server{Handler: func(ctx context.Context, c *websocket.Conn) {
		me := hub.Join(c, "")
		defer me.Leave()
		for m, err := range c.Messages(ctx) {
			if err != nil {
				return
			}
			me.SubscribeFrom(string(m.Data), wshub.Start{Last: 1})
		}
	}}
	s.Options.Queue = &websocket.Queue{WhenFull: websocket.QueueKeepLatest}
	return s
}

// Tell publishes a price. The key has a slow client get the latest one only.
func Tell(hub *wshub.Hub, share string, price float64) {
	m := wshub.Text(fmt.Appendf(nil, "%s %.2f", share, price))
	m.Key = share
	hub.Publish(share, m)
}

func main() {
	hub := NewHub()
	go func() {
		for range time.Tick(time.Second) {
			Tell(hub, fmt.Sprintf("SHARE%d", rand.IntN(10)), 100*rand.Float64())
		}
	}()
	http.Handle("/prices", NewServer(hub))
	log.Fatal(http.ListenAndServe("localhost:8080", nil))
}
