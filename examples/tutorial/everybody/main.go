// Command everybody is the second step of docs/tutorial.md: what one says, all get.
package main

import (
	"context"
	"log"
	"net/http"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/wshub"
)

func main() {
	var hub wshub.Hub
	chat := &websocket.Server{
		Handler: func(ctx context.Context, c *websocket.Conn) {
			me := hub.Join(c, "")
			defer me.Leave()
			me.Subscribe("everybody")
			for m, err := range c.Messages(ctx) {
				if err != nil {
					return
				}
				hub.Publish("everybody", wshub.Text(m.Data))
			}
		},
	}
	chat.Options.Queue = &websocket.Queue{WhenFull: websocket.QueueClose}
	http.Handle("/chat", chat)
	log.Fatal(http.ListenAndServe("localhost:8080", nil))
}
