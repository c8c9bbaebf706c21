package main

import (
	"context"
	"net"
	"net/http"

	"github.com/wirews/wirews/websocket"
)

// Package websocket with compression: the pull form behind net/http, the
// handler form on connections that a listener has accepted.

func websocketServer(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover, CompressionThreshold: 1})
	if err == nil {
		websocketEcho(r.Context(), c)
	}
}

func websocketClient(ctx context.Context, url string) {
	if c, err := websocketDial(ctx, url); err == nil {
		websocketEcho(ctx, c)
	}
}

func websocketEcho(ctx context.Context, c *websocket.Conn) {
	defer c.CloseNow()
	c.SetReadLimit(int64(limit))
	for {
		kind, p, err := c.Read(ctx)
		if err != nil || c.Write(ctx, kind, p) != nil {
			return
		}
	}
}

func websocketServeServer(conn net.Conn) {
	c, err := websocket.AcceptConn(conn, &websocket.AcceptConnOptions{
		AcceptOptions:    websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover, CompressionThreshold: 1},
		HandshakeTimeout: handshakeTime,
	})
	if err == nil {
		websocketServeEcho(context.Background(), c)
	}
}

func websocketServeClient(ctx context.Context, url string) {
	if c, err := websocketDial(ctx, url); err == nil {
		websocketServeEcho(ctx, c)
	}
}

func websocketServeEcho(ctx context.Context, c *websocket.Conn) {
	defer c.CloseNow()
	c.SetReadLimit(int64(limit))
	c.Serve(ctx, c.Write)
}

func websocketDial(ctx context.Context, url string) (*websocket.Conn, error) {
	c, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{CompressionMode: websocket.CompressionContextTakeover, CompressionThreshold: 1})
	return c, err
}
