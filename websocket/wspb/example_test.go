package wspb_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wspb"
)

// A server that counts bytes.
func Example() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // the client has been told
		}
		defer c.CloseNow()
		var text wrapperspb.StringValue
		for wspb.Read(r.Context(), c, &text) == nil {
			if wspb.Write(r.Context(), c, wrapperspb.Int64(int64(len(text.Value)))) != nil {
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
	if err := wspb.Write(ctx, c, wrapperspb.String("Hello")); err != nil {
		fmt.Println(err)
		return
	}
	var size wrapperspb.Int64Value
	err = wspb.Read(ctx, c, &size)
	fmt.Println(size.Value, err)
	// Output: 5 <nil>
}
