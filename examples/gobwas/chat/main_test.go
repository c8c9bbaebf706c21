package main

import (
	"context"
	"testing"

	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/websocket"
)

func TestChat(t *testing.T) {
	s := NewServer()
	url := "ws://" + peer.Serve(t, s.Serve)
	t.Cleanup(func() { s.Shutdown(context.Background()) })

	ctx, ann := peer.Dial(t, url)
	peer.Hear(ctx, t, ann, `{"method":"greet","name":"guest-1"}`)
	_, bob := peer.Dial(t, url)
	for _, c := range []*websocket.Conn{ann, bob} {
		peer.Hear(ctx, t, c, `{"method":"greet","name":"guest-2"}`)
	}

	peer.Say(ctx, t, ann, `{"id":1,"method":"rename","name":"guest-2"}`, `{"id":1,"error":"that name is taken"}`)
	peer.Say(ctx, t, ann, `{"id":2,"method":"rename","name":"ann"}`, `{"method":"rename","name":"ann","was":"guest-1"}`)
	peer.Hear(ctx, t, ann, `{"id":2}`)
	peer.Hear(ctx, t, bob, `{"method":"rename","name":"ann","was":"guest-1"}`)

	peer.Say(ctx, t, bob, `{"id":3,"method":"publish","text":"hello"}`, `{"method":"publish","name":"guest-2","text":"hello"}`)
	peer.Hear(ctx, t, bob, `{"id":3}`)
	peer.Hear(ctx, t, ann, `{"method":"publish","name":"guest-2","text":"hello"}`)
	peer.Say(ctx, t, ann, `{"id":4,"method":"dance"}`, `{"id":4,"error":"no such method"}`)

	if err := bob.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
	peer.Hear(ctx, t, ann, `{"method":"goodbye","name":"guest-2"}`)
	if err := ann.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ann.Read(ctx); websocket.CloseStatus(err) != websocket.StatusUnsupportedData {
		t.Errorf("what is no JSON: %v, want 1003", err)
	}
}
