package bench

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h3"
	_ "github.com/wirews/wirews/websocket/xconnect"
)

// overHTTP serves WebSockets over HTTP/2 and HTTP/3, and returns where, with what
// trusts both.
func overHTTP(t *testing.T, h http.Handler) (second, third *url.URL, config *tls.Config) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	quic := &http3.Server{Handler: h3.Handler(h), TLSConfig: &tls.Config{Certificates: s.TLS.Certificates}, QUICConfig: h3.QUICConfig(100, 0)}
	go quic.Serve(socket)
	t.Cleanup(func() { quic.Close() })
	at := func(a net.Addr) *url.URL { return &url.URL{Scheme: "wss", Host: a.String(), Path: "/"} }
	return at(s.Listener.Addr()), at(socket.LocalAddr()), s.Client().Transport.(*http.Transport).TLSClientConfig
}

// Over HTTP/2 and HTTP/3 connections are streams.
func TestAServerOfStreamsIsLoaded(t *testing.T) {
	t.Parallel()
	server := websocket.Server{Handler: func(ctx context.Context, c *websocket.Conn) {
		c.SetReadLimit(-1)
		c.Serve(ctx, func(ctx context.Context, typ websocket.MessageType, p []byte) error { return c.Write(ctx, typ, p) })
	}}
	var requests atomic.Int64
	second, third, config := overHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor >= 2 {
			requests.Add(1)
		}
		server.ServeHTTP(w, r)
	}))
	for version, u := range map[string]*url.URL{"HTTP/2": second, "HTTP/3": third} {
		for _, mode := range []Mode{Echo, Idle, Handshake} {
			t.Run(version+" "+string(mode), func(t *testing.T) {
				longer(t, func(d time.Duration) bool {
					before := requests.Load()
					r := runAgainst(t, u, func(o *Options) {
						o.Mode, o.Connections, o.Size, o.Duration = mode, 5, 5000, d
						o.TLS, o.HTTP2, o.HTTP3 = config, version == "HTTP/2", version == "HTTP/3"
					})
					if r.Failures.Any() {
						t.Errorf("%+v", r.Failures)
					}
					if r.Setup.HTTP2 == r.Setup.HTTP3 || !strings.Contains(r.Setup.describe(), version) {
						t.Errorf("the result says %q", r.Setup.describe())
					}
					return requests.Load()-before >= 5 && r.Messages > 0
				})
			})
		}
	}
}

func TestWhatStreamsAreNotFor(t *testing.T) {
	plain, secure := &url.URL{Scheme: "ws", Host: "server.example"}, &url.URL{Scheme: "wss", Host: "server.example"}
	for _, tc := range []struct {
		target Target
		want   string
	}{
		{Target{URL: plain, HTTP2: true, Raw: true}, "raw"},
		{Target{URL: secure, HTTP3: true, HTTP2: true}, "not of both"},
		{Target{URL: plain, HTTP3: true}, "wss"},
	} {
		o := Default()
		o.Target = tc.target
		if err := o.Check(); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v, want %q in it", err, tc.want)
		}
	}
}
