package wsjson_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
)

// A server that takes nothing but small messages it knows.
func ExampleCodec() {
	strict := wsjson.Codec{MaxDepth: 8, MaxBytes: 4096, DisallowUnknownFields: true}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		for {
			var move struct{ X, Y int }
			if strict.Read(r.Context(), c, &move) != nil {
				return // and the client has been told why
			}
			strict.Write(r.Context(), c, move)
		}
	}))
	defer s.Close()

	ctx := context.Background()
	for _, message := range []string{`{"X":1,"Y":2}`, `{"X":1,"Z":3}`, strings.Repeat(`[`, 1000), `"` + strings.Repeat(`a`, 5000) + `"`} {
		c, _, err := websocket.Dial(ctx, s.URL, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		c.Write(ctx, websocket.MessageText, []byte(message))
		_, p, err := c.Read(ctx)
		if err != nil {
			fmt.Println(websocket.CloseStatus(err))
		} else {
			fmt.Printf("%s", p)
		}
		c.CloseNow()
	}
	// Output:
	// {"X":1,"Y":2}
	// StatusInvalidFramePayloadData
	// StatusPolicyViolation
	// StatusMessageTooBig
}

// A message that was not read by Read.
func ExampleCodec_Unmarshal() {
	var v any
	err := wsjson.Codec{MaxDepth: 2}.Unmarshal([]byte(`{"a":[{"b":1}]}`), &v)
	var deep *wsjson.DepthError
	if errors.As(err, &deep) {
		fmt.Println("too deep at byte", deep.Offset)
	}
	// Output: too deep at byte 6
}
