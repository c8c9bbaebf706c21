package main

import (
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/websocket"
)

func TestReceive(t *testing.T) {
	received := make(chan any, 1)
	s := httptest.NewServer(Receive(func(v any) { received <- v }))
	defer s.Close()

	ctx, c := peer.Dial(t, s.URL)
	if err := c.Write(ctx, websocket.MessageText, []byte(`{"list":[1,"two"]}`)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Read(ctx); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		t.Errorf("%v, want 1000", err)
	}
	if got, want := <-received, (map[string]any{"list": []any{1.0, "two"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("received %v, want %v", got, want)
	}

	ctx, c = peer.Dial(t, s.URL)
	if err := c.Write(ctx, websocket.MessageText, []byte(`{`)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Read(ctx); websocket.CloseStatus(err) != websocket.StatusInvalidFramePayloadData {
		t.Errorf("what is no JSON: %v, want 1007", err)
	}
}
