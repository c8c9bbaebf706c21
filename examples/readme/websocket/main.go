package main

import (
	"context"
	"log"
	"net/http"
	"time"

	"github.com/wirews/wirews/websocket"
)

func main() {
	s := http.Server{Addr: "localhost:8080", ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(echo)}
	log.Fatal(s.ListenAndServe())
}

func echo(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // the client has been told
	}
	defer c.CloseNow()
	c.SetReadLimit(1 << 20) // bytes of a message; 32 KiB by default
	err = c.Serve(r.Context(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
		return c.Write(ctx, typ, p)
	})
	log.Println(err) // who has ended it, and why
}
