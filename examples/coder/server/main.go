// Command server accepts connections, reads one value of JSON from each, and says what
// it was.
package main

import (
	"context"
	"log"
	"net/http"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
)

// Receive returns a handler that gives what it has received to got.
func Receive(got func(v any)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // the client has been told
		}
		defer c.CloseNow()
		ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
		defer cancel()
		var v any
		if err := wsjson.Read(ctx, c, &v); err != nil {
			log.Println(err)
			return
		}
		got(v)
		c.Close(websocket.StatusNormalClosure, "")
	}
}

func main() {
	h := Receive(func(v any) { log.Printf("received: %v", v) })
	s := http.Server{Addr: "localhost:8080", Handler: h, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(s.ListenAndServe())
}
