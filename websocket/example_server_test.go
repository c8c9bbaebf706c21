package websocket_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
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

	reports := make(chan websocket.ShutdownReport, 1)
	hs.Config.RegisterOnShutdown(func() {
		report, _ := s.Shutdown(ctx)
		reports <- report
	})
	go hs.Config.Shutdown(ctx)
	_, _, err = c.Read(ctx) // and the close frame is answered
	fmt.Println(websocket.CloseStatus(err))
	report := <-reports
	fmt.Println("closed:", report.Closed, "unanswered:", len(report.Unanswered))
	// Output:
	// Hello
	// StatusGoingAway
	// closed: 1 unanswered: 0
}

// One Server with two endpoints: one takes JSON in a subprotocol, the other
// anything. The limit is on both together.
func ExampleServer_With() {
	s := &websocket.Server{
		MaxConns: 1,
		Handler: func(ctx context.Context, c *websocket.Conn) {
			c.Write(ctx, websocket.MessageText, []byte("speaks "+c.Subprotocol()))
			c.Read(ctx)
		},
	}
	mux := http.NewServeMux()
	mux.Handle("/any", s)
	mux.Handle("/json", s.With(&websocket.AcceptOptions{Subprotocols: []string{"json"}}))
	hs := httptest.NewServer(mux)
	defer hs.Close()

	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, hs.URL+"/json", &websocket.DialOptions{Subprotocols: []string{"json"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	_, p, _ := c.Read(ctx)
	fmt.Printf("%s\n", p)
	_, response, _ := websocket.Dial(ctx, hs.URL+"/any", nil)
	fmt.Println(response.Status)
	// Output:
	// speaks json
	// 503 Service Unavailable
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
		runtime.Gosched()
	}
	for conn := range s.Find("ann") {
		conn.Write(ctx, websocket.MessageText, []byte("news for ann"))
	}
	_, p, _ := c.Read(ctx)
	fmt.Printf("%s\n", p)
	// Output: news for ann
}

// A client may send two messages a second, and five seconds' worth at once.
func ExampleAcceptOptions_rate() {
	s := server(&websocket.AcceptOptions{
		Rate: websocket.Rate{Messages: 2, Burst: 5 * time.Second, Close: true},
	}, func(c *websocket.Conn) {
		c.Serve(context.Background(), func(context.Context, websocket.MessageType, []byte) error { return nil })
	})
	defer s.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, _, err := websocket.Dial(ctx, s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 20 {
		c.Write(ctx, websocket.MessageText, []byte("now!"))
	}
	_, _, err = c.Read(ctx)
	fmt.Println(websocket.CloseStatus(err))
	// Output: StatusPolicyViolation
}
