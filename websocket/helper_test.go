package websocket_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	badpeer "github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
)

// within is a context that a test that hangs ends by.
func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), badpeer.Patience)
	t.Cleanup(cancel)
	return ctx
}

// serve runs a server whose handler is given each connection, and returns its
// URL.
func serve(t testing.TB, opts *websocket.AcceptOptions, handler func(c *websocket.Conn)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, opts)
		if err != nil {
			return
		}
		defer c.CloseNow()
		handler(c)
	}))
	t.Cleanup(s.Close)
	return "ws" + strings.TrimPrefix(s.URL, "http")
}

func dial(t testing.TB, url string, opts *websocket.DialOptions) *websocket.Conn {
	t.Helper()
	c, _, err := websocket.Dial(within(t), url, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	return c
}

// echo is the handler of an echo server.
func echo(c *websocket.Conn) {
	for {
		typ, p, err := c.Read(context.Background())
		if err != nil || c.Write(context.Background(), typ, p) != nil {
			return
		}
	}
}

// tcpPair returns both ends of a TCP connection.
func tcpPair(t testing.TB) (client, server net.Conn) {
	t.Helper()
	client, server = tcpPairUncounted(t)
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

// tcpPairUncounted is tcpPair without anything that the test keeps.
func tcpPairUncounted(t testing.TB) (client, server net.Conn) {
	t.Helper()
	return connected(t, "tcp", "127.0.0.1:0")
}

// unixPair returns both ends of a connection by a unix socket.
func unixPair(t testing.TB) (client, server net.Conn) {
	t.Helper()
	client, server = connected(t, "unix", filepath.Join(t.TempDir(), "s"))
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

// tlsOver puts TLS over a transport.
func tlsOver(client, server net.Conn) (net.Conn, net.Conn) {
	return tls.Client(client, &tls.Config{InsecureSkipVerify: true}), tls.Server(server, serverTLS())
}

var serverTLS = sync.OnceValue(func() *tls.Config {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	return &tls.Config{Certificates: s.TLS.Certificates}
})

func connected(t testing.TB, network, addr string) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if client, err = net.Dial(network, l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return client, server
}

var (
	noLeaks   = wstest.NoLeaks
	acceptKey = wstest.AcceptKey
)
