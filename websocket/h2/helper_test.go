package h2_test

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h2"
	"github.com/wirews/wirews/websocket/wstest"
	_ "github.com/wirews/wirews/websocket/xconnect"
)

var bg = context.Background()

// server is a server in memory that speaks HTTP/2 without TLS, and how to reach it.
type server struct {
	*wstest.Server
	transport *h2.Transport
}

// serve serves h. config may be nil.
func serve(t testing.TB, config *http.HTTP2Config, h http.Handler) *server {
	t.Helper()
	return serveAs(t, &http.Server{Handler: h, HTTP2: config})
}

// serveAs serves as s does, without TLS.
func serveAs(t testing.TB, s *http.Server) *server {
	t.Helper()
	s.Protocols = new(http.Protocols)
	s.Protocols.SetUnencryptedHTTP2(true)
	s.Protocols.SetHTTP1(true)
	mem := wstest.Start(t, s.Serve, s.Close)
	transport := &h2.Transport{DialContext: mem.Listener.DialContext, UnencryptedHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &server{mem, transport}
}

// accept serves each connection with f.
func accept(t testing.TB, f func(c *websocket.Conn) error) http.Handler {
	return acceptWith(&websocket.AcceptOptions{Subprotocols: []string{"b"}, CompressionMode: websocket.CompressionNoContextTakeover}, f)
}

func acceptWith(opts *websocket.AcceptOptions, f func(c *websocket.Conn) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, opts)
		if err != nil {
			return
		}
		f(c)
		c.CloseNow()
	})
}

func echo(c *websocket.Conn) error {
	c.SetReadLimit(-1)
	return c.Serve(bg, func(ctx context.Context, typ websocket.MessageType, p []byte) error { return c.Write(ctx, typ, p) })
}

func (s *server) dial(t testing.TB, opts *websocket.DialOptions) *websocket.Conn {
	t.Helper()
	c, _, err := s.tryDial(bg, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	return c
}

func (s *server) tryDial(ctx context.Context, opts *websocket.DialOptions) (*websocket.Conn, *http.Response, error) {
	var own websocket.DialOptions
	if opts != nil {
		own = *opts
	}
	if own.HTTPClient == nil {
		own.HTTPClient = &http.Client{Transport: s.transport}
	}
	c, resp, err := websocket.Dial(ctx, s.URL, &own)
	if err == nil {
		c.SetReadLimit(-1)
	}
	return c, resp, err
}

func exchange(t testing.TB, c *websocket.Conn, text string) {
	t.Helper()
	if err := c.Write(bg, websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
	if _, p, err := c.Read(bg); err != nil || string(p) != text {
		t.Fatalf("%d bytes came back of %d, %v", len(p), len(text), err)
	}
}

type dialFunc = func(ctx context.Context, network, addr string) (net.Conn, error)

// counted is dial, and counts.
func counted(n *atomic.Int32, dial dialFunc) dialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		n.Add(1)
		return dial(ctx, network, addr)
	}
}
