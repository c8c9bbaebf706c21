package main

import (
	"bytes"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/ws"
)

// record is a log that may be read while it is written.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

func start(t *testing.T) (addr string, logged *record) {
	logged = new(record)
	logger := log.New(logged, "", 0)
	return peer.Serve(t, func(l net.Listener) error { return serve(l, logger) }), logged
}

func TestLogsWhatIsNoPartOfTheHandshake(t *testing.T) {
	addr, logged := start(t)
	d := ws.Dialer{
		Protocols: []string{"chat"},
		Header:    ws.HandshakeHeaderHTTP(http.Header{"User-Agent": {"me"}, "X-Trace": {"1", "2"}}),
	}
	conn := peer.Open(t, addr, d)
	peer.Want(t, conn, ws.NewTextFrame([]byte("hello")))
	peer.Want(t, conn, ws.NewCloseFrame(ws.NewCloseFrameBody(1000, "")))
	peer.Send(t, conn, peer.Frame(nil, ws.NewCloseFrame(ws.NewCloseFrameBody(1000, ""))))
	peer.WantEnd(t, conn)

	const want = "User-Agent: \"me\"\nX-Trace: \"1\"\nX-Trace: \"2\"\n"
	if got := logged.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLogsNothingOfARequestThatIsNoHandshake(t *testing.T) {
	addr, logged := start(t)
	got := peer.Exchange(t, addr, []byte("GET / HTTP/1.1\r\nHost: h\r\nX-Trace: 1\r\n\r\n"))
	if !strings.HasPrefix(got, "HTTP/1.1 400 Bad Request\r\n") {
		t.Errorf("got %q", got)
	}
	if s := logged.String(); strings.Contains(s, "X-Trace") {
		t.Errorf("logged %q", s)
	}
}

func TestLogsNamesInCanonicalForm(t *testing.T) {
	addr, logged := start(t)
	conn := peer.Connect(t, addr)
	peer.Send(t, conn, []byte(peer.Request+"x-trace:  a \"b\"\t\r\n\r\n"))
	buf := make([]byte, 12)
	if _, err := conn.Read(buf); err != nil || string(buf) != "HTTP/1.1 101" {
		t.Fatalf("got %q, %v", buf, err)
	}
	if got, want := logged.String(), "X-Trace: \"a \\\"b\\\"\"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
