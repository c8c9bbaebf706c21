package websocket_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
)

// A client that stays connected: the server closes the first connection because it
// is going away, and the client comes back.
func ExampleRedial() {
	var connections atomic.Int32
	s := server(nil, func(c *websocket.Conn) {
		if connections.Add(1) == 1 {
			c.Write(context.Background(), websocket.MessageText, []byte("first"))
			c.Close(websocket.StatusGoingAway, "a new version")
			return
		}
		c.Write(context.Background(), websocket.MessageText, []byte("second"))
		c.Close(websocket.StatusNormalClosure, "that is all")
	})
	defer s.Close()

	opts := &websocket.RedialOptions{
		Dial: &websocket.DialOptions{KeepAlive: websocket.KeepAlive{Interval: 30 * time.Second, Timeout: 10 * time.Second}},
		Base: 100 * time.Millisecond,
		OnState: func(s websocket.RedialState) {
			if s.Phase != websocket.RedialWaiting { // how long that is, is random
				fmt.Println(s.Phase)
			}
		},
	}
	err := websocket.Redial(context.Background(), s.URL, opts, func(ctx context.Context, c *websocket.Conn) error {
		for m, err := range c.Messages(ctx) {
			if err != nil {
				return err // so there is to be another connection
			}
			fmt.Printf("- %s\n", m.Data)
		}
		return nil // the server has said all
	})
	fmt.Println(err)
	// Output:
	// dialing
	// connected
	// - first
	// dialing
	// connected
	// - second
	// ended
	// <nil>
}

// A client that goes on where it was: it says first how much it has had. The server
// keeps what there is, and its first connection is lost after two messages.
func ExampleRedial_resume() {
	kept := []string{"one", "two", "three", "four"}
	var connections atomic.Int32
	s := server(nil, func(c *websocket.Conn) {
		ctx := context.Background()
		var had int
		if err := wsjson.Read(ctx, c, &had); err != nil {
			return
		}
		for i, text := range kept[had:] {
			if i == 2 && connections.Add(1) == 1 {
				return
			}
			c.Write(ctx, websocket.MessageText, []byte(text))
		}
		c.Close(websocket.StatusNormalClosure, "that is all")
	})
	defer s.Close()

	had := 0
	opts := &websocket.RedialOptions{Base: 100 * time.Millisecond}
	err := websocket.Redial(context.Background(), s.URL, opts, func(ctx context.Context, c *websocket.Conn) error {
		fmt.Println("after", had)
		if err := wsjson.Write(ctx, c, had); err != nil {
			return err
		}
		for m, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			fmt.Printf("- %s\n", m.Data)
			had++
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// after 0
	// - one
	// - two
	// after 2
	// - three
	// - four
	// <nil>
}

var errOldVersion = errors.New("the server speaks a newer version")

// What the function knows to be in vain ends Redial, as do refusals that will not
// change.
func ExamplePermanent() {
	s := server(nil, func(c *websocket.Conn) {
		c.Close(4001, "version 2 only")
	})
	defer s.Close()
	err := websocket.Redial(context.Background(), s.URL, nil, func(ctx context.Context, c *websocket.Conn) error {
		_, _, err := c.Read(ctx)
		if websocket.CloseStatus(err) == 4001 {
			return websocket.Permanent(errOldVersion)
		}
		return err
	})
	fmt.Println(err)
	// Output: websocket: redial: websocket: closed by the peer: 4001 "version 2 only": the server speaks a newer version
}

// A handshake that was refused says whether to come back.
func ExampleIsPermanent() {
	for _, status := range []int{http.StatusForbidden, http.StatusServiceUnavailable} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) }))
		_, _, err := websocket.Dial(context.Background(), s.URL, nil)
		fmt.Println(status, websocket.IsPermanent(err))
		s.Close()
	}
	// Output:
	// 403 true
	// 503 false
}
