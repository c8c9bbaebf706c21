package main

import (
	"strings"
	"testing"

	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// offering offers what browsers do.
func offering() ws.Dialer { return ws.Dialer{Extensions: wsflate.DefaultOffers().Options()} }

func compressed(t *testing.T, f ws.Frame) ws.Frame {
	t.Helper()
	f, err := wsflate.CompressFrame(f)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestEchoesCompressedFrames(t *testing.T) {
	conn := peer.Open(t, peer.Serve(t, serve), offering())
	for _, f := range []ws.Frame{
		compressed(t, ws.NewTextFrame([]byte("Hello"))),
		ws.NewTextFrame([]byte("as it is")),
		compressed(t, ws.NewBinaryFrame(nil)),
		compressed(t, ws.NewTextFrame([]byte(strings.Repeat("Hello, ", 50_000)))),
	} {
		peer.Send(t, conn, peer.Frame(nil, f))
		peer.Want(t, conn, f)
	}
	peer.Send(t, conn, peer.Frame(nil, ws.NewPingFrame([]byte("?"))))
	peer.Want(t, conn, ws.NewPongFrame([]byte("?")))
	peer.Send(t, conn, peer.Frame(nil, ws.NewCloseFrame(ws.NewCloseFrameBody(3000, ""))))
	peer.WantClose(t, conn, 3000)
}

func TestAnswersTheOffer(t *testing.T) {
	conn := peer.Connect(t, peer.Serve(t, serve))
	peer.Send(t, conn, []byte(peer.Request+"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"))
	got := make([]byte, 400)
	n, err := conn.Read(got)
	const want = "\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"
	if err != nil || !strings.Contains(string(got[:n]), want) {
		t.Fatalf("got %q, %v", got[:n], err)
	}
}

func TestRefuses(t *testing.T) {
	addr := peer.Serve(t, serve)
	fragment := compressed(t, ws.NewTextFrame([]byte("Hello")))
	fragment.Header.Fin = false
	corrupt := compressed(t, ws.NewTextFrame([]byte("Hello")))
	corrupt.Payload = []byte("\xff\xff")
	corrupt.Header.Length = 2
	for name, test := range map[string]struct {
		dialer ws.Dialer
		frame  ws.Frame
	}{
		"a compressed fragment":              {offering(), fragment},
		"what does not inflate":              {offering(), corrupt},
		"compression that nobody offered":    {ws.Dialer{}, compressed(t, ws.NewTextFrame([]byte("Hello")))},
		"a continuation with the bit of its": {offering(), continuation()},
	} {
		t.Run(name, func(t *testing.T) {
			conn := peer.Open(t, addr, test.dialer)
			peer.Send(t, conn, peer.Frame(nil, test.frame))
			peer.WantClose(t, conn, ws.StatusUnsupportedData)
		})
	}
}

// continuation is a fragment behind the first that has the compression bit.
func continuation() ws.Frame {
	f := ws.NewFrame(ws.OpContinuation, true, []byte("Hello"))
	f.Header.Rsv = ws.Rsv(true, false, false)
	return f
}
