package wshub_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/wshub"
)

// The server of a chat with rooms. A member that reads too slowly is dropped; what
// one says goes to all others in its room.
func ExampleHub() {
	var hub wshub.Hub
	opts := &websocket.AcceptOptions{Queue: &websocket.Queue{WhenFull: websocket.QueueClose}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, opts)
		if err != nil {
			return // the client has been told
		}
		defer c.CloseNow()
		room := r.URL.Path
		me := hub.Join(c, "")
		defer me.Leave()
		me.Subscribe(room)
		c.Write(r.Context(), websocket.MessageText, []byte("welcome"))
		for m, err := range c.Messages(r.Context()) {
			if err != nil {
				return
			}
			said := wshub.Text(m.Data)
			said.Except = me
			hub.Publish(room, said)
		}
	}))
	defer server.Close()

	ctx := context.Background()
	join := func() *websocket.Conn {
		c, _, err := websocket.Dial(ctx, strings.Replace(server.URL, "http", "ws", 1)+"/cats", nil)
		if err != nil {
			panic(err)
		}
		c.Read(ctx) // the welcome: it is a member now
		return c
	}
	anna, bert := join(), join()
	defer anna.CloseNow()
	defer bert.CloseNow()
	anna.Write(ctx, websocket.MessageText, []byte("miaow"))
	_, p, _ := bert.Read(ctx)
	fmt.Printf("%s\n", p)
	// Output: miaow
}
