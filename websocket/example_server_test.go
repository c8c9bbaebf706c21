package websocket_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/wirews/wirews/websocket"
)

// A Server in an HTTP server, and how both are shut down.
func ExampleServer() {
	s := &websocket.Server{
		Handler: websocket.HandleMessages(func(ctx context.Context, c *websocket.Conn, typ websocket.MessageType, p []byte) error {
			return c.Write(ctx, typ, p)
		}),
		MaxConns:    10_000,
		CloseReason: "back in a minute",
	}
	hs := httptest.NewServer(s)
	defer hs.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, _, err := websocket.Dial(ctx, hs.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	c.Write(ctx, websocket.MessageText, []byte("Hello"))
	_, p, _ := c.Read(ctx)
	fmt.Printf("%s\n", p)

	closed := make(chan struct{})
	hs.Config.RegisterOnShutdown(func() {
		defer close(closed)
		report, err := s.Shutdown(ctx)
		fmt.Println("closed:", report.Closed, "unanswered:", len(report.Unanswered), err)
	})
	go hs.Config.Shutdown(ctx)
	_, _, err = c.Read(ctx) // and the close frame is answered
	fmt.Println(websocket.CloseStatus(err))
	<-closed
	// Output:
	// Hello
	// StatusGoingAway
	// closed: 1 unanswered: 0 <nil>
}

// A Server on a listener, that only sends: to the connections of one user.
func ExampleServer_Find() {
	s := &websocket.Server{Key: func(r *http.Request) string { return r.URL.Query().Get("user") }}
	defer s.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go s.Serve(l)

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "ws://"+l.Addr().String()+"/?user=ann", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	for s.Len() == 0 { // the handshake ends here before it does there
		time.Sleep(time.Millisecond)
	}
	for conn := range s.Find("ann") {
		conn.Write(ctx, websocket.MessageText, []byte("news for ann"))
	}
	_, p, _ := c.Read(ctx)
	fmt.Printf("%s\n", p)
	// Output: news for ann
}
