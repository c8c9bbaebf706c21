package main

import (
	"context"
	"net"

	"github.com/wirews/wirews/websocket"
)

// websocketServe is the handler form of package websocket.
func websocketServe(conn net.Conn) {
	c, err := websocket.AcceptConn(conn, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	c.SetReadLimit(-1)
	c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
		return c.Write(ctx, typ, p)
	})
}

// websocketPull is the pull form, with a buffer of the program's own.
func websocketPull(conn net.Conn) { websocketLoop(conn, nil) }

// websocketHold is websocketPull with replies held back.
func websocketHold(conn net.Conn) {
	websocketLoop(conn, &websocket.AcceptConnOptions{AcceptOptions: websocket.AcceptOptions{HoldReplies: true}})
}

func websocketLoop(conn net.Conn, opts *websocket.AcceptConnOptions) {
	c, err := websocket.AcceptConn(conn, opts)
	if err != nil {
		return
	}
	defer c.CloseNow()
	c.SetReadLimit(-1)
	ctx := context.Background()
	var p []byte
	for {
		var typ websocket.MessageType
		if typ, p, err = c.ReadAppend(ctx, p[:0]); err != nil || c.Write(ctx, typ, p) != nil {
			return
		}
	}
}
