package ws_test

import (
	"context"
	"fmt"
	"net"
	"net/http/httptrace"

	"github.com/wirews/wirews/ws"
)

// What a handshake waits for, as net/http's clients tell it.
func ExampleDialer_trace() {
	near, far := net.Pipe()
	go ws.Upgrade(far)
	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		GetConn:              func(hostPort string) { fmt.Println("connecting to", hostPort) },
		GotConn:              func(httptrace.GotConnInfo) { fmt.Println("connected") },
		WroteRequest:         func(info httptrace.WroteRequestInfo) { fmt.Println("request sent:", info.Err) },
		GotFirstResponseByte: func() { fmt.Println("the server answers") },
	})
	d := ws.Dialer{NetDial: func(context.Context, string, string) (net.Conn, error) { return near, nil }}
	conn, _, _, err := d.Dial(ctx, "ws://server.example.com/chat")
	if err != nil {
		fmt.Println(err)
		return
	}
	conn.Close()
	// Output:
	// connecting to server.example.com:80
	// connected
	// request sent: <nil>
	// the server answers
}
