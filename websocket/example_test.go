package websocket_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"

	"github.com/wirews/wirews/websocket"
)

// An echo server in an HTTP handler, and a client.
func ExampleAccept() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // the client has been told
		}
		defer c.CloseNow()
		for {
			typ, p, err := c.Read(r.Context())
			if err != nil || c.Write(r.Context(), typ, p) != nil {
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
	c.Write(ctx, websocket.MessageText, []byte("Hello"))
	typ, p, err := c.Read(ctx)
	fmt.Println(typ, string(p), err)
	fmt.Println(c.Close(websocket.StatusNormalClosure, ""))
	// Output:
	// MessageText Hello <nil>
	// <nil>
}

// The handler form, on connections of a listener of one's own.
func ExampleConn_Serve() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		c, err := websocket.AcceptConn(conn, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
			return c.Write(ctx, typ, p)
		})
	}()

	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, "ws://"+l.Addr().String(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	for _, s := range []string{"one", "two"} {
		c.Write(ctx, websocket.MessageText, []byte(s))
	}
	for range 2 {
		_, p, _ := c.Read(ctx)
		fmt.Println(string(p))
	}
	// Output:
	// one
	// two
}

// Why a connection has ended.
func ExampleConnError() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := websocket.Accept(w, r, nil); err == nil {
			c.Close(4001, "see you tomorrow")
		}
	}))
	defer s.Close()
	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, s.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _, err = c.Read(ctx)
	var end *websocket.ConnError
	if errors.As(err, &end) {
		fmt.Println(end.By, int(end.Code), end.Reason, end.Clean())
	}
	fmt.Println(errors.Is(err, websocket.EndedByPeer), int(websocket.CloseStatus(err)))
	// Output:
	// closed by the peer 4001 see you tomorrow true
	// true 4001
}
