package wstest

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
)

// patience bounds what hangs only if something is wrong.
const patience = 30 * time.Second

// Pipe returns two connections that are connected to each other, after a real
// opening handshake in memory: what the options negotiate is in force. It ends the
// test if the handshake fails. Both are closed by CloseNow when the test ends.
//
// They live in bubbles of testing/synctest. Options may be nil. The HTTPClient of
// DialOptions keeps what it has, except its Transport.
func Pipe(t testing.TB, accept *websocket.AcceptOptions, dial *websocket.DialOptions) (server, client *websocket.Conn) {
	t.Helper()
	near, far := NetPipe(0)
	return PipeOver(t, far, near, accept, dial)
}

// PipeOver is Pipe over two ends of a connection: one with a small buffer, or
// with faults, or with TLS. The server gets the first.
func PipeOver(t testing.TB, serverConn, clientConn net.Conn, accept *websocket.AcceptOptions, dial *websocket.DialOptions) (server, client *websocket.Conn) {
	t.Helper()
	type accepted struct {
		c   *websocket.Conn
		err error
	}
	result := make(chan accepted, 1)
	go func() {
		var opts websocket.AcceptConnOptions
		if accept != nil {
			opts.AcceptOptions = *accept
		}
		c, err := websocket.AcceptConn(serverConn, &opts)
		result <- accepted{c, err}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client, err := dialOver(ctx, clientConn, dial)
	if err != nil {
		clientConn.Close() // so that the server ends
	}
	a := <-result
	if err != nil || a.err != nil {
		serverConn.Close()
		clientConn.Close()
		t.Fatalf("wstest: the handshake has failed: Dial: %v; AcceptConn: %v", err, a.err)
	}
	t.Cleanup(func() {
		client.CloseNow()
		a.c.CloseNow()
	})
	return a.c, client
}

// dialOver is websocket.Dial over a connection that is there already.
func dialOver(ctx context.Context, conn net.Conn, opts *websocket.DialOptions) (*websocket.Conn, error) {
	given := make(chan net.Conn, 1)
	given <- conn
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		select {
		case conn := <-given:
			return conn, nil
		default:
			return nil, net.ErrClosed // net/http tries again, and there is only one
		}
	}}
	defer transport.CloseIdleConnections()
	o := withTransport(opts, transport)
	c, _, err := websocket.Dial(ctx, baseURL, o)
	return c, err
}

// withTransport returns a copy of opts with another transport.
func withTransport(opts *websocket.DialOptions, transport http.RoundTripper) *websocket.DialOptions {
	var o websocket.DialOptions
	if opts != nil {
		o = *opts
	}
	var client http.Client
	if o.HTTPClient != nil {
		client = *o.HTTPClient
	}
	client.Transport = transport
	o.HTTPClient = &client
	return &o
}

// baseURL is that of a server in memory, a host that is nowhere else (RFC 2606).
const baseURL = "ws://server.example"
