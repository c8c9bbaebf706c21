package main

import (
	"strings"
	"testing"

	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/ws"
)

func TestEchoesFrameByFrame(t *testing.T) {
	conn := peer.Open(t, peer.Serve(t, serve), ws.Dialer{})
	for _, f := range []ws.Frame{
		ws.NewTextFrame([]byte("hello")),
		ws.NewBinaryFrame(nil),
		ws.NewBinaryFrame(make([]byte, 70_000)),
		ws.NewFrame(ws.OpText, false, []byte("frag")),
		ws.NewFrame(ws.OpContinuation, true, []byte("ment")),
	} {
		peer.Send(t, conn, peer.Frame(nil, f))
		peer.Want(t, conn, f)
	}
}

func TestAnswersPingAndClose(t *testing.T) {
	conn := peer.Open(t, peer.Serve(t, serve), ws.Dialer{})
	b := peer.Frame(nil, ws.NewPongFrame([]byte("nobody asked")))
	b = peer.Frame(b, ws.NewPingFrame([]byte("?")))
	peer.Send(t, conn, peer.Frame(b, ws.NewCloseFrame(ws.NewCloseFrameBody(3000, "bye"))))
	peer.Want(t, conn, ws.NewPongFrame([]byte("?")))
	peer.WantClose(t, conn, 3000)
}

func TestSpeaksRawBytes(t *testing.T) {
	conn := peer.Connect(t, peer.Serve(t, serve))
	peer.Send(t, conn, []byte(peer.Request+"\r\n"))
	const accepted = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
	got := make([]byte, len(accepted))
	if _, err := conn.Read(got); err != nil || string(got) != accepted {
		t.Fatalf("got %q, %v", got, err)
	}
	// RFC 6455, 5.7: a single-frame masked text message, "Hello".
	peer.Send(t, conn, []byte("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"))
	peer.Want(t, conn, ws.NewTextFrame([]byte("Hello")))
}

func TestRefuses(t *testing.T) {
	addr := peer.Serve(t, serve)
	t.Run("a request for something else", func(t *testing.T) {
		got := peer.Exchange(t, addr, []byte("GET / HTTP/1.1\r\nHost: h\r\n\r\n"))
		if !strings.HasPrefix(got, "HTTP/1.1 400 Bad Request\r\n") {
			t.Errorf("got %q", got)
		}
	})
	for name, b := range map[string]string{
		"an unmasked frame":             "\x81\x05hello",
		"a payload that is too long":    "\x82\xff\x00\x00\x00\x00\x40\x00\x00\x00\x01\x02\x03\x04",
		"the largest length there is":   "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04",
		"a length with its top bit set": "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04",
		"a length in a longer form":     "\x82\xfe\x00\x05\x01\x02\x03\x04hello",
	} {
		t.Run(name, func(t *testing.T) {
			conn := peer.Open(t, addr, ws.Dialer{})
			peer.Send(t, conn, []byte(b))
			// Closed with bytes unread or not, nothing is echoed.
			if n, err := conn.Read(make([]byte, 1)); err == nil {
				t.Errorf("%d bytes came back", n)
			}
		})
	}
}
