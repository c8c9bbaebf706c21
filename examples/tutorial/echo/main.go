// Command echo is the first step of docs/tutorial.md: it answers everything with
// itself.
package main

import (
	"context"
	"log"
	"net/http"

	"github.com/wirews/wirews/websocket"
)

func main() {
	http.HandleFunc("/chat", func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // the client has been told
		}
		defer c.CloseNow()
		for m, err := range c.Messages(context.Background()) {
			if err != nil {
				log.Println(err) // who has ended it, and why
				return
			}
			c.Write(context.Background(), m.Type, m.Data)
		}
	})
	log.Fatal(http.ListenAndServe("localhost:8080", nil))
}
