// Command prices tells prices to clients of which some are slow. It is what
// docs/cookbook/slow-clients.md shows.
package main

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/wirews/wirews/websocket"
)

// NewServer returns a server that only sends: what clients say is dropped.
func NewServer() *websocket.Server {
	s := &websocket.Server{}
	s.Options.Queue = &websocket.Queue{Messages: 100, WhenFull: websocket.QueueKeepLatest}
	s.Options.StallTimeout = 30 * time.Second
	s.Options.KeepAlive = websocket.KeepAlive{Interval: 30 * time.Second}
	s.Options.OnOpen = func(_ context.Context, c *websocket.Conn) func(*websocket.ConnError) {
		return func(end *websocket.ConnError) {
			d := c.QueueState().Dropped
			log.Printf("%v: %d messages were replaced by newer ones, %d dropped: %v", c.RemoteAddr(), d.Replaced, d.Oldest, end)
		}
	}
	return s
}

// Tell sends a price to all clients. It waits for none of them.
func Tell(s *websocket.Server, share string, price float64) {
	m, err := websocket.NewPreparedMessage(websocket.MessageText, fmt.Appendf(nil, "%s %.2f", share, price))
	if err != nil {
		log.Print(err)
		return
	}
	for c := range s.All() {
		c.Deliver(m, share) // an error concerns this client alone
	}
}

func main() {
	s := NewServer()
	go func() {
		for range time.Tick(time.Second / 10) {
			Tell(s, fmt.Sprintf("SHARE%d", rand.IntN(10)), 100*rand.Float64())
		}
	}()
	http.Handle("/prices", s)
	log.Fatal(http.ListenAndServe("localhost:8080", nil))
}
