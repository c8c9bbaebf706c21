package main

import (
	"strings"
	"testing"

	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsutil"
)

func TestEchoesMessages(t *testing.T) {
	offers := wsflate.DefaultOffers()
	conn := peer.Open(t, peer.Serve(t, serve), ws.Dialer{Extensions: offers.Options()})
	s := wsutil.NewStream(conn, ws.StateClientSide, 0)
	s.SetExtension(wsflate.New(ws.StateClientSide, wsflate.DefaultParameters, nil))
	for _, text := range []string{"short", "", strings.Repeat("long ", 30_000), "short again"} {
		if err := s.WriteMessage(ws.OpText, []byte(text)); err != nil {
			t.Fatal(err)
		}
		p, op, err := s.ReadMessage()
		if err != nil || op != ws.OpText || string(p) != text {
			t.Fatalf("%d bytes of %v, %v; want %d", len(p), op, err, len(text))
		}
	}
	if err := s.Close(ws.StatusNormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.ReadMessage(); !isClosed(err) {
		t.Fatalf("want a close frame, got %v", err)
	}
}

func isClosed(err error) bool {
	closed, ok := err.(wsutil.ClosedError)
	return ok && closed.Code == ws.StatusNormalClosure
}

func TestEchoesFragments(t *testing.T) {
	conn := peer.Open(t, peer.Serve(t, serve), ws.Dialer{Extensions: wsflate.DefaultOffers().Options()})
	// RFC 7692, 7.2.3.1: "Hello" in two fragments, and a ping between them.
	first := ws.NewFrame(ws.OpText, false, []byte("\xf2\x48\xcd"))
	first.Header.Rsv = ws.Rsv(true, false, false)
	b := peer.Frame(nil, first)
	b = peer.Frame(b, ws.NewPingFrame([]byte("?")))
	peer.Send(t, conn, peer.Frame(b, ws.NewFrame(ws.OpContinuation, true, []byte("\xc9\xc9\x07\x00"))))
	peer.Want(t, conn, ws.NewPongFrame([]byte("?")))
	f, err := ws.ReadFrame(conn)
	if err == nil {
		f, err = wsflate.DecompressFrame(f)
	}
	if err != nil || string(f.Payload) != "Hello" {
		t.Fatalf("got %q, %v", f.Payload, err)
	}
}

func TestWantsCompression(t *testing.T) {
	conn := peer.Open(t, peer.Serve(t, serve), ws.Dialer{})
	peer.WantClose(t, conn, ws.StatusMandatoryExt)
}
