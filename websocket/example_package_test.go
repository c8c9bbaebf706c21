package websocket_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
)

type Question struct{ A, B int }

type Answer struct{ Sum int }

// add is a handler of an HTTP server: it answers questions until the client leaves.
func add(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // the client has been told
	}
	defer c.CloseNow()
	for {
		var q Question
		if err := wsjson.Read(r.Context(), c, &q); err != nil {
			return // a *websocket.ConnError says why
		}
		if err := wsjson.Write(r.Context(), c, Answer{q.A + q.B}); err != nil {
			return
		}
	}
}

// A server and a client that speak JSON.
func Example() {
	server := httptest.NewServer(http.HandlerFunc(add))
	defer server.Close()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, _, err := websocket.Dial(ctx, server.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	for _, q := range []Question{{1, 2}, {20, 22}} {
		var a Answer
		if err := wsjson.Write(ctx, c, q); err != nil {
			fmt.Println(err)
			return
		}
		if err := wsjson.Read(ctx, c, &a); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(q.A, "+", q.B, "=", a.Sum)
	}
	c.Close(websocket.StatusNormalClosure, "")
	// Output:
	// 1 + 2 = 3
	// 20 + 22 = 42
}
