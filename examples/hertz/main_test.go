package main

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/app/server"

	"github.com/wirews/wirews/websocket"
)

func TestEchoBehindHertz(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := New(server.WithListener(l))
	go h.Run()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	defer h.Close()

	c, _, err := websocket.Dial(ctx, "ws://"+l.Addr().String()+"/echo", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	for _, want := range []string{"Hello", "", strings.Repeat("x", 20_000)} {
		if err := c.Write(ctx, websocket.MessageText, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if _, p, err := c.Read(ctx); err != nil || string(p) != want {
			t.Fatalf("%d bytes, %v", len(p), err)
		}
	}
	c.CloseRead(ctx)
	if err := c.Ping(ctx); err != nil {
		t.Error(err)
	}
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
	if _, _, err := websocket.Dial(ctx, "ws://"+l.Addr().String()+"/nothing", nil); err == nil {
		t.Error("what is not there was accepted")
	}
}
