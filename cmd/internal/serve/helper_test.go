package serve_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/ws"
)

// patience bounds what would otherwise hang. No verdict depends on it.
const patience = 30 * time.Second

// eachWay runs a test with the default options of both ways to serve WebSocket
// connections.
func eachWay(t *testing.T, test func(t *testing.T, o serve.Options)) {
	t.Run("goroutines", func(t *testing.T) { test(t, serve.Default()) })
	t.Run("poll", func(t *testing.T) {
		o := serve.Default()
		o.Poll = true
		test(t, o)
	})
}

// testServer is a server on a TCP port of its own, or on pipes.
type testServer struct {
	*serve.Server
	addr string
	pipe *wstest.Listener
}

// start serves over TCP until the test ends.
func start(t *testing.T, o serve.Options) *testServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &testServer{Server: serve.New(o), addr: l.Addr().String()}
	s.serve(t, l)
	return s
}

// startOnPipes serves over pipes, whose time can be that of testing/synctest. They
// hold nothing: a byte is taken only by whoever reads.
func startOnPipes(t *testing.T, o serve.Options) *testServer {
	t.Helper()
	s := &testServer{Server: serve.New(o), addr: "pipe", pipe: wstest.NewListener(-1)}
	s.serve(t, s.pipe)
	return s
}

func (s *testServer) serve(t *testing.T, l net.Listener) {
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		s.Shutdown(ended)
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve: %v, want http.ErrServerClosed", err)
		}
	})
}

// get sends a request and returns the response with its whole body.
func (s *testServer) get(t *testing.T, path string, header http.Header) (*http.Response, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(r.Header, header)
	var client http.Client
	defer client.CloseIdleConnections()
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// dial opens a WebSocket to /echo.
func (s *testServer) dial(d ws.Dialer) (net.Conn, error) { return s.dialTo(d, "/echo") }

func (s *testServer) dialTo(d ws.Dialer, path string) (net.Conn, error) {
	if s.pipe != nil {
		d.NetDial = s.pipe.DialContext
	}
	conn, _, _, err := d.Dial(context.Background(), "ws://"+s.addr+path)
	return conn, err
}

// peer is the client's end of a connection, of which it sees the bytes.
type peer struct {
	net.Conn
	t *testing.T
}

func (s *testServer) connect(t *testing.T) peer {
	t.Helper()
	return s.connectTo(t, "/echo")
}

func (s *testServer) connectTo(t *testing.T, path string) peer {
	t.Helper()
	conn, err := s.dialTo(ws.Dialer{}, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if s.pipe == nil {
		conn.SetDeadline(time.Now().Add(patience))
	}
	return peer{conn, t}
}

// send writes from a goroutine of its own: neither side has to read first.
func (p peer) send(b []byte) {
	go p.Write(b)
}

func (p peer) want(what string, op ws.OpCode, payload []byte) {
	p.t.Helper()
	f, err := ws.ReadFrame(p)
	if err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
	if want := ws.NewFrame(op, true, payload); f.Header != want.Header || !bytes.Equal(f.Payload, payload) {
		p.t.Fatalf("%s: got %+v with %s, want %+v with %s", what, f.Header, cut(f.Payload), want.Header, cut(payload))
	}
}

// text reads a text message of one frame, and ends the test at anything else.
func (p peer) text(what string) []byte {
	p.t.Helper()
	f, err := ws.ReadFrame(p)
	if err != nil || f.Header.OpCode != ws.OpText || !f.Header.Fin {
		p.t.Fatalf("%s: got %+v with %s and error %v, want a text", what, f.Header, cut(f.Payload), err)
	}
	return f.Payload
}

// wantClose reads a close frame with code whose reason contains that, and then
// the end of the stream.
func (p peer) wantClose(what string, code ws.StatusCode, reason string) {
	p.t.Helper()
	f, err := ws.ReadFrame(p)
	if err != nil || f.Header.OpCode != ws.OpClose {
		p.t.Fatalf("%s: got %+v with %s and error %v, want a close frame", what, f.Header, cut(f.Payload), err)
	}
	got, text, err := ws.ParseClose(f.Payload)
	if err != nil || got != code || !strings.Contains(string(text), reason) {
		p.t.Errorf("%s: close %d %q, error %v; want %d with %q", what, got, text, err, code, reason)
	}
	p.wantEnd(what)
}

// wantEnd reads the orderly end of the stream: a reset is another error.
func (p peer) wantEnd(what string) {
	p.t.Helper()
	if rest, err := io.ReadAll(p); err != nil || len(rest) > 0 {
		p.t.Errorf("%s: %s and error %v behind it, want the end of the stream", what, cut(rest), err)
	}
	p.Close()
}

func cut(b []byte) []byte { return b[:min(len(b), 64)] }

// masked returns a frame as a client sends it.
func masked(op ws.OpCode, fin bool, payload string) []byte {
	f := ws.NewFrame(op, fin, []byte(payload))
	return ws.AppendFrame(nil, ws.MaskFrameWith(f, [4]byte{0x37, 0xfa, 0x21, 0x3d}))
}

func closing(code ws.StatusCode, reason string) []byte {
	return masked(ws.OpClose, true, string(ws.AppendClose(nil, code, reason)))
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
