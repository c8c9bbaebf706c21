package main

import (
	"strings"
	"testing"

	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

func TestAnswers(t *testing.T) {
	ctx, c := peer.Dial(t, "ws://"+peer.Serve(t, serve)+"/")
	peer.Say(ctx, t, c, `{"Form":"upper","Text":"hello"}`, `{"Text":"HELLO"}`+"\n")
	peer.Say(ctx, t, c, `{"Form":"trim","Text":" a b "}    `, `{"Text":"a b"}`+"\n")
	peer.Say(ctx, t, c, `{"Form":"sideways","Text":"a"}`, `{"Error":"no such form"}`+"\n")
	long := strings.Repeat("x", 10_000) // several fragments
	peer.Say(ctx, t, c, `{"Form":"upper","Text":"`+long+`"}`, `{"Text":"`+strings.ToUpper(long)+`"}`+"\n")
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

func TestAnswersARequestInFragments(t *testing.T) {
	conn := peer.Open(t, peer.Serve(t, serve), ws.Dialer{})
	b := peer.Frame(nil, ws.NewFrame(ws.OpText, false, []byte(`{"Form":"lower",`)))
	b = peer.Frame(b, ws.NewPingFrame([]byte("?")))
	peer.Send(t, conn, peer.Frame(b, ws.NewFrame(ws.OpContinuation, true, []byte(`"Text":"HeLLo"}`))))
	peer.Want(t, conn, ws.NewPongFrame([]byte("?")))
	peer.Want(t, conn, ws.NewTextFrame([]byte(`{"Text":"hello"}`+"\n")))
}

func TestRefuses(t *testing.T) {
	for name, message := range map[string]string{
		"what is no JSON":          "hello",
		"what is no request":       "[1]",
		"a message without an end": `{"Form":"upper","Text":"` + strings.Repeat("x", maxMessage) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			ctx, c := peer.Dial(t, "ws://"+peer.Serve(t, serve)+"/")
			if err := c.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
				t.Fatal(err)
			}
			if _, _, err := c.Read(ctx); websocket.CloseStatus(err) != websocket.StatusUnsupportedData {
				t.Errorf("%v, want 1003", err)
			}
		})
	}
}
