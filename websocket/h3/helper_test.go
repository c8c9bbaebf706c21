package h3_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h3"
)

var bg = context.Background()

// patience bounds every wait; no verdict depends on it.
const patience = time.Minute

// server is a server on a socket of this machine, and how to reach it.
type server struct {
	*http3.Server
	addr      string
	transport *h3.Transport
}

// certified is a server that lends its certificate, and is not reached.
var certified = sync.OnceValue(func() *httptest.Server {
	s := httptest.NewTLSServer(nil)
	s.Close()
	return s
})

// certificates returns the configuration of TLS of a server, and of its clients.
func certificates() (server, client *tls.Config) {
	s := certified()
	return &tls.Config{Certificates: s.TLS.Certificates}, &tls.Config{RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
}

func listen(t testing.TB) net.PacketConn {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	return socket
}

// serve serves h. config may be nil.
func serve(t testing.TB, config *quic.Config, h http.Handler) *server {
	t.Helper()
	return serveOn(t, listen(t), config, h)
}

// serveOn serves h on a socket.
func serveOn(t testing.TB, socket net.PacketConn, config *quic.Config, h http.Handler) *server {
	t.Helper()
	forServer, forClient := certificates()
	s := &server{&http3.Server{Handler: h, TLSConfig: forServer, QUICConfig: config}, socket.LocalAddr().String(), &h3.Transport{TLSClientConfig: forClient}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Serve(socket)
	}()
	t.Cleanup(func() {
		s.transport.CloseIdleConnections()
		s.Close()
		<-done
	})
	return s
}

// accept serves each connection with f.
func accept(t testing.TB, opts *websocket.AcceptOptions, f func(c *websocket.Conn) error) http.Handler {
	if opts == nil {
		opts = &websocket.AcceptOptions{Subprotocols: []string{"b"}, CompressionMode: websocket.CompressionContextTakeover}
	}
	return h3.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, opts)
		if err != nil {
			return
		}
		defer c.CloseNow()
		f(c)
	}))
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
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var own websocket.DialOptions
	if opts != nil {
		own = *opts
	}
	if own.HTTPClient == nil {
		own.HTTPClient = &http.Client{Transport: s.transport}
	}
	c, resp, err := websocket.Dial(ctx, "wss://"+s.addr+"/chat?x=1", &own)
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
