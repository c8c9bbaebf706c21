package wsjson_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
)

// A server that adds numbers. What is not JSON for its struct closes the connection
// with 1007, so the loop has nothing to say about it.
func Example() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // the client has been told
		}
		defer c.CloseNow()
		for {
			var sum struct{ A, B int }
			if err := wsjson.Read(r.Context(), c, &sum); err != nil {
				return
			}
			if err := wsjson.Write(r.Context(), c, sum.A+sum.B); err != nil {
				return
			}
		}
	}))
	defer s.Close()

	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	wsjson.Write(ctx, c, map[string]int{"A": 1, "B": 2})
	var result int
	err = wsjson.Read(ctx, c, &result)
	fmt.Println(result, err)

	c.Write(ctx, websocket.MessageText, []byte(`{"A": "one"}`))
	_, _, err = c.Read(ctx)
	fmt.Println(websocket.CloseStatus(err) == websocket.StatusInvalidFramePayloadData)
	// Output:
	// 3 <nil>
	// true
}
