package wsjson_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
	"github.com/wirews/wirews/websocket/wstest"
)

// connect returns a client whose server does this.
func connect(t testing.TB, server func(c *websocket.Conn)) *websocket.Conn {
	t.Helper()
	s, c := wstest.Pipe(t, nil, nil)
	go func() {
		defer s.CloseNow()
		server(s)
	}()
	return c
}

type point struct{ X, Y int }

func TestValuesArrive(t *testing.T) {
	ctx := context.Background()
	c := connect(t, func(c *websocket.Conn) {
		for {
			var p point
			if wsjson.Read(ctx, c, &p) != nil || wsjson.Write(ctx, c, point{p.Y, p.X}) != nil {
				return
			}
		}
	})
	for i := range 10 {
		if err := wsjson.Write(ctx, c, point{i, -i}); err != nil {
			t.Fatal(err)
		}
		var p point
		if err := wsjson.Read(ctx, c, &p); err != nil || p != (point{-i, i}) {
			t.Fatal(p, err)
		}
	}
	if err := wsjson.Write(ctx, c, make(chan int)); err == nil {
		t.Error("a channel was sent")
	}
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error("after a value that cannot be sent:", err)
	}
}

func TestWhatIsNoJSONEndsTheConnection(t *testing.T) {
	ended := make(chan error, 1)
	c := connect(t, func(c *websocket.Conn) {
		c.Write(context.Background(), websocket.MessageText, []byte("{"))
		_, _, err := c.Read(context.Background())
		ended <- err
	})
	var v any
	err := wsjson.Read(context.Background(), c, &v)
	if _, ok := errors.AsType[*json.SyntaxError](err); !ok {
		t.Error(err)
	}
	if err := <-ended; websocket.CloseStatus(err) != websocket.StatusInvalidFramePayloadData {
		t.Error(err)
	}
}

func TestACancelledReadCanBeRepeated(t *testing.T) {
	send := make(chan bool)
	c := connect(t, func(c *websocket.Conn) {
		<-send
		wsjson.Write(context.Background(), c, "late")
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	var v string
	if err := wsjson.Read(ctx, c, &v); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	send <- true
	if err := wsjson.Read(context.Background(), c, &v); err != nil || v != "late" {
		t.Error(v, err)
	}
}

func ExampleWrite() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		wsjson.Write(r.Context(), c, map[string]string{"hello": "world"})
		c.Close(websocket.StatusNormalClosure, "")
	}))
	defer s.Close()

	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	var v map[string]string
	if err := wsjson.Read(ctx, c, &v); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(v["hello"])
	// Output: world
}
