package main

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

func TestTheProgramIsShort(t *testing.T) {
	b, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(b), "\n"); lines >= 80 {
		t.Errorf("main.go has %d lines", lines)
	}
}

// session is what a client sends, and want what it is answered with.
func session() (in []byte, want string) {
	in = []byte(peer.Request + "\r\n")
	in = peer.Frame(in, ws.NewFrame(ws.OpText, false, []byte("Hel")))
	in = peer.Frame(in, ws.NewPingFrame([]byte("?")))
	in = peer.Frame(in, ws.NewFrame(ws.OpContinuation, true, []byte("lo")))
	in = peer.Frame(in, ws.NewBinaryFrame(nil))
	in = peer.Frame(in, ws.NewCloseFrame([]byte("\x03\xe8bye")))
	return peer.Frame(in, ws.NewTextFrame([]byte("late"))), "\x8a\x01?\x81\x05Hello\x82\x00\x88\x02\x03\xe8"
}

// Any source will do: here it is a slice, cut in every way. The request comes
// on its own, because what comes with it is refused.
func TestPushedFromMemory(t *testing.T) {
	in, want := session()
	head := len(peer.Request) + 2
	for cut := head; cut <= len(in); cut++ {
		var s Session
		out, phase := s.Push(nil, in[:head:head], 0)
		if !strings.HasPrefix(string(out), "HTTP/1.1 101 ") || phase != wsproto.PhaseOpen {
			t.Fatalf("%q, %v", out, phase)
		}
		b := append([]byte(nil), in...)
		out, _ = s.Push(nil, b[head:cut], 0)
		out, phase = s.Push(out, b[cut:], time.Second)
		if string(out) != want || phase != wsproto.PhaseShut {
			t.Errorf("cut at %d: %q, %v", cut, out, phase)
		}
	}
	var s Session
	var out []byte
	phase := wsproto.PhaseOpen
	for i := range in {
		out, phase = s.Push(out, []byte{in[i]}, 0)
	}
	if _, frames, _ := strings.Cut(string(out), "\r\n\r\n"); frames != want || phase != wsproto.PhaseShut {
		t.Errorf("byte by byte: %q, %v", out, phase)
	}
}

func TestRefusals(t *testing.T) {
	for name, in := range map[string]string{
		"another origin":       peer.Request + "Origin: http://elsewhere.example\r\n\r\n",
		"no websocket request": "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
		"no request":           "\x00\x00\r\n\r\n",
	} {
		var s Session
		if out, phase := s.Push(nil, []byte(in), 0); phase != wsproto.PhaseOver || strings.HasPrefix(string(out), "HTTP/1.1 101") {
			t.Errorf("%s: %q, %v", name, out, phase)
		}
	}
}

func TestPushedByTCP(t *testing.T) {
	addr := peer.Serve(t, func(l net.Listener) error {
		for {
			conn, err := l.Accept()
			if err != nil {
				return err
			}
			go pump(conn.(*net.TCPConn), time.Now())
		}
	})
	conn := peer.Open(t, addr, ws.Dialer{})
	peer.Send(t, conn, peer.Frame(nil, ws.NewTextFrame([]byte("hello"))))
	peer.Want(t, conn, ws.NewTextFrame([]byte("hello")))
	peer.Send(t, conn, peer.Frame(nil, ws.NewPingFrame([]byte("?"))))
	peer.Want(t, conn, ws.NewPongFrame([]byte("?")))
	peer.Send(t, conn, peer.Frame(nil, ws.NewTextFrame([]byte("\xff"))))
	peer.WantClose(t, conn, ws.StatusInvalidFramePayloadData)

	if got := peer.Exchange(t, addr, []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); got != "" {
		t.Errorf("got %q", got)
	}
}
