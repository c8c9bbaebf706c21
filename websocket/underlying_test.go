package websocket_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/wirews/wirews/websocket"
)

func TestTheUnderlyingConnIsTheOneThatWasGiven(t *testing.T) {
	for name, pair := range transports {
		client, server := pair(t)
		c := accept(t, client, server, nil)
		if got := c.UnderlyingConn(); got != server {
			t.Errorf("%s: %T, want the %T that was accepted", name, got, server)
		}
		state := c.TLS()
		if secure := name == "tls"; secure != (state != nil) || secure && !state.HandshakeComplete {
			t.Errorf("%s: TLS is %+v", name, state)
		}
		client.Close()
	}
}

// Dial shows what the http.Transport has connected by, and TLS shows the server's
// certificate.
func TestTheUnderlyingConnAfterDial(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := websocket.Accept(w, r, nil); err == nil {
			defer c.CloseNow()
			if secure := r.TLS != nil; secure != (c.TLS() != nil) {
				t.Errorf("the server sees TLS %v", c.TLS())
			}
			echo(c)
		}
	})
	plain, secure := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	defer plain.Close()
	defer secure.Close()
	c := dial(t, plain.URL, nil)
	if _, ok := c.UnderlyingConn().(*net.TCPConn); !ok || c.TLS() != nil {
		t.Errorf("%T with TLS %v, want a *net.TCPConn", c.UnderlyingConn(), c.TLS())
	}
	c = dial(t, secure.URL, &websocket.DialOptions{HTTPClient: secure.Client()})
	if _, ok := c.UnderlyingConn().(*tls.Conn); !ok {
		t.Errorf("%T, want a *tls.Conn", c.UnderlyingConn())
	}
	if state := c.TLS(); state == nil || !state.PeerCertificates[0].Equal(secure.Certificate()) {
		t.Errorf("TLS is %+v", state)
	}
}

func TestATransportThatShowsNoConnHasNoUnderlyingConn(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	switched := transport(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 101, Request: r, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{
			"Upgrade":              {"websocket"},
			"Connection":           {"Upgrade"},
			"Sec-Websocket-Accept": {acceptKey(r.Header.Get("Sec-WebSocket-Key"))},
		}, Body: struct{ io.ReadWriteCloser }{near}}, nil
	})
	c := dial(t, "ws://server.example.com", &websocket.DialOptions{HTTPClient: &http.Client{Transport: switched}})
	if c.UnderlyingConn() != nil || c.TLS() != nil {
		t.Errorf("%v, TLS %v", c.UnderlyingConn(), c.TLS())
	}
}
