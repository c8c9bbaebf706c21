package websocket_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// Connections out of the handshakes of package ws, here over a pipe in memory.
func ExampleNew() {
	near, far := net.Pipe()
	go func() {
		u := ws.Upgrader{Protocols: []string{"chat"}}
		hs, err := u.Upgrade(far)
		if err != nil {
			return // the client has been told
		}
		c, err := websocket.New(far, websocket.Params{Subprotocol: hs.Protocol})
		if err != nil {
			return
		}
		defer c.CloseNow()
		c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
			return c.Write(ctx, typ, p)
		})
	}()

	ctx := context.Background()
	d := ws.Dialer{
		Protocols: []string{"chat"},
		NetDial:   func(context.Context, string, string) (net.Conn, error) { return near, nil },
	}
	conn, _, hs, err := d.Dial(ctx, "ws://server.example.com/")
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := websocket.New(conn, websocket.Params{State: ws.StateClientSide, Subprotocol: hs.Protocol})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseNow()
	c.Write(ctx, websocket.MessageText, []byte("Hello"))
	_, p, err := c.Read(ctx)
	fmt.Println(c.Subprotocol(), string(p), err)
	// Output: chat Hello <nil>
}

// A connection that an HTTP server of another make gives away, as fasthttp and Hertz
// do by Hijack: they have parsed the request, and may have read frames after it.
func ExampleNew_hijacked() {
	received := make(chan string, 1)
	// hijacked is called with what such a server has.
	hijacked := func(conn net.Conn, buffered []byte, method, target string, header http.Header) {
		req := httpx.Request{
			Method:  []byte(method),
			Target:  []byte(target),
			Version: httpx.Version{Major: 1, Minor: 1},
		}
		for name, values := range header {
			for _, v := range values {
				req.Fields = append(req.Fields, httpx.Field{Name: []byte(name), Value: []byte(v)})
			}
		}
		u := ws.Upgrader{Origin: ws.SameOrigin, Protocols: []string{"chat"}}
		response, hs, err := u.AppendResponse(nil, req)
		conn.Write(response) // also if it is a refusal
		if err != nil {
			conn.Close()
			return
		}
		c, err := websocket.New(conn, websocket.Params{Subprotocol: hs.Protocol, Buffered: buffered})
		if err != nil {
			conn.Close()
			return
		}
		defer c.CloseNow()
		_, p, _ := c.Read(context.Background())
		received <- string(p)
	}

	near, far := net.Pipe()
	early := ws.AppendFrame(nil, ws.MaskFrame(ws.NewTextFrame([]byte("early"))))
	go hijacked(near, early, "GET", "/chat", http.Header{
		"Host":                   {"server.example.com"},
		"Connection":             {"Upgrade"},
		"Upgrade":                {"websocket"},
		"Sec-Websocket-Version":  {"13"},
		"Sec-Websocket-Key":      {"dGhlIHNhbXBsZSBub25jZQ=="},
		"Sec-Websocket-Protocol": {"chat"},
	})
	resp, err := http.ReadResponse(bufio.NewReader(far), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resp.Status, resp.Header.Get("Sec-Websocket-Protocol"))
	fmt.Println(<-received)
	// Output:
	// 101 Switching Protocols chat
	// early
}
