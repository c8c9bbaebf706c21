package wspoll_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
)

// patience is how long a test waits for what has to come. Only a failure takes that
// long.
const patience = time.Minute

// onEach runs a test with each poller that there is.
func onEach(t *testing.T, test func(t *testing.T, poller string)) {
	for name := range wspoll.Pollers {
		t.Run(name, func(t *testing.T) { test(t, name) })
	}
}

// serve runs s on a port of its own until the test ends, and returns its address.
func serve(t *testing.T, s *wspoll.Server, poller string) string {
	t.Helper()
	if err := s.StartWith(poller); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		s.Close()
		if err := s.Wait(ctx); err != nil {
			t.Errorf("the loops do not end: %v", err)
		}
		if err := <-served; err != wspoll.ErrServerClosed {
			t.Errorf("Serve returns %v", err)
		}
	})
	return l.Addr().String()
}

// listening waits until s listens, and returns where. A port that was chosen before that
// might belong to somebody else by then.
func listening(t *testing.T, s *wspoll.Server) (addr string) {
	t.Helper()
	wstest.Until(t, "the server listens", func() bool {
		addr = s.Address()
		return addr != ""
	})
	return addr
}

// peer is the client of a test, which knows only frames.
type peer struct {
	t *testing.T
	net.Conn
}

// dial connects, and does nothing else.
func dial(t *testing.T, addr string) peer {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(patience))
	t.Cleanup(func() { conn.Close() })
	return peer{t, conn}
}

// open opens a WebSocket.
func open(t *testing.T, addr string) peer {
	t.Helper()
	p := dial(t, addr)
	p.send([]byte(request))
	p.wantHead("HTTP/1.1 101 ")
	return p
}

var target = &url.URL{Scheme: "ws", Host: "example.com", Path: "/"}

const request = "GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

func (p peer) send(b []byte) {
	p.t.Helper()
	if _, err := p.Write(b); err != nil {
		p.t.Fatal(err)
	}
}

// wantHead reads the head of a response, which begins with start.
func (p peer) wantHead(start string) string {
	p.t.Helper()
	var head []byte
	for b := make([]byte, 1); len(head) < 4 || string(head[len(head)-4:]) != "\r\n\r\n"; head = append(head, b[0]) {
		if _, err := io.ReadFull(p, b); err != nil {
			p.t.Fatalf("%v, after %q", err, head)
		}
	}
	if len(head) < len(start) || string(head[:len(start)]) != start {
		p.t.Fatalf("the answer is %q, want %q", head, start)
	}
	return string(head)
}

// frame is a masked frame.
func frame(op ws.OpCode, fin bool, payload string) []byte {
	return ws.AppendFrame(nil, ws.MaskFrame(ws.NewFrame(op, fin, []byte(payload))))
}

func text(payload string) []byte { return frame(ws.OpText, true, payload) }

// want reads a frame.
func (p peer) want(op ws.OpCode, payload string) {
	p.t.Helper()
	f, err := ws.ReadFrame(p)
	if err != nil {
		p.t.Fatalf("%v, want %v %.40q", err, op, payload)
	}
	if f.Header.OpCode != op || string(f.Payload) != payload {
		p.t.Fatalf("%v %.40q, want %v %.40q", f.Header.OpCode, f.Payload, op, payload)
	}
}

// wantClose reads a close frame with a code, and the end.
func (p peer) wantClose(code ws.StatusCode) {
	p.t.Helper()
	f, err := ws.ReadFrame(p)
	if err != nil || f.Header.OpCode != ws.OpClose {
		p.t.Fatalf("%v %q, %v, want a close frame with %d", f.Header.OpCode, f.Payload, err, code)
	}
	if got, _, _ := ws.ParseClose(f.Payload); got != code {
		p.t.Fatalf("close code %d, want %d", got, code)
	}
	p.wantEnd()
}

func (p peer) wantEnd() {
	p.t.Helper()
	if n, err := p.Read(make([]byte, 1)); err != io.EOF {
		p.t.Fatalf("%d bytes, %v, want the end", n, err)
	}
}

// peak tells how many were inside at once.
type peak struct {
	mu          sync.Mutex
	inside, max int
}

func (p *peak) enter() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inside++
	p.max = max(p.max, p.inside)
}

func (p *peak) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inside--
}

func (p *peak) most() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.max
}
