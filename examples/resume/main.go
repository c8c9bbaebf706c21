// Command resume is a server of topics, and clients that lose their connection and
// nothing else: a client comes back with the position of what it had last, and gets
// everything since, or learns that there is a gap. Start a server, which cuts every
// connection after five seconds, and a client:
//
//	resume -cut 5s
//	resume -follow ws://localhost:8080/ -topic clock
//
// The client shows every second once. Stop the server and start it again: the client
// shows a gap, for what a server keeps in memory goes with it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/wshub"
)

// tick publishes the time each second.
func tick(ctx context.Context, hub *wshub.Hub) {
	for t := time.NewTicker(time.Second); ctx.Err() == nil; {
		select {
		case now := <-t.C:
			hub.Publish("clock", wshub.Text([]byte(now.Format(time.TimeOnly))))
		case <-ctx.Done():
			t.Stop()
		}
	}
}

// serveAt serves until ctx ends.
func serveAt(ctx context.Context, addr string, cut time.Duration) error {
	hub := NewHub(nil)
	topics := NewServer(hub, cut)
	s := http.Server{Addr: addr, ReadHeaderTimeout: 5 * time.Second, Handler: topics}
	go tick(ctx, hub)
	go func() {
		<-ctx.Done()
		limit, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		topics.Shutdown(limit)
		s.Shutdown(limit)
	}()
	log.Println("ws://" + addr + "/")
	return s.ListenAndServe()
}

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	cut := flag.Duration("cut", 0, "cut each connection after this time")
	follow := flag.String("follow", "", "URL of a server to follow, instead of serving")
	topic := flag.String("topic", "clock", "topic to follow")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if *follow != "" {
		opts := &websocket.RedialOptions{OnState: func(s websocket.RedialState) { log.Println(s) }}
		err = Follow(ctx, *follow, opts, Subscribe{Topic: *topic, Last: 3}, func(e Event) { fmt.Println(e.Kind, e.At, e.Text) })
	} else {
		err = serveAt(ctx, *addr, *cut)
	}
	if err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}
