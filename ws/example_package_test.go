package ws_test

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/wirews/wirews/ws"
)

// A server that answers one frame, and its client. What RFC 6455 says of messages,
// pings and closing is for the layers above: packages wsutil and websocket.
func Example() {
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
		defer conn.Close()
		u := ws.Upgrader{Origin: ws.SameOrigin, Timeout: 5 * time.Second}
		if _, err := u.Upgrade(conn); err != nil {
			return // the client has been told
		}
		f, err := ws.ReadFrame(conn)
		if err != nil {
			return
		}
		f = ws.UnmaskFrameInPlace(f)
		ws.WriteFrame(conn, ws.NewTextFrame(append([]byte("you said "), f.Payload...)))
	}()

	conn, _, _, err := ws.Dial(context.Background(), "ws://"+l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	ws.WriteFrame(conn, ws.MaskFrame(ws.NewTextFrame([]byte("hello"))))
	f, err := ws.ReadFrame(conn)
	fmt.Printf("%s %v\n", f.Payload, err)
	// Output: you said hello <nil>
}
