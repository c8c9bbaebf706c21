package bench

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	_ "github.com/wirews/wirews/websocket/xconnect"
)

// Over HTTP/2 connections are streams.
func TestAServerOfHTTP2IsLoaded(t *testing.T) {
	t.Parallel()
	server := websocket.Server{Handler: func(ctx context.Context, c *websocket.Conn) {
		c.SetReadLimit(-1)
		c.Serve(ctx, func(ctx context.Context, typ websocket.MessageType, p []byte) error { return c.Write(ctx, typ, p) })
	}}
	var requests atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 2 {
			requests.Add(1)
		}
		server.ServeHTTP(w, r)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	u, err := url.Parse("wss" + strings.TrimPrefix(s.URL, "https") + "/")
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []Mode{Echo, Idle, Handshake} {
		longer(t, func(d time.Duration) bool {
			before := requests.Load()
			r := runAgainst(t, u, func(o *Options) {
				o.Mode, o.HTTP2, o.Connections, o.Size, o.Duration = mode, true, 5, 5000, d
				o.TLS = s.Client().Transport.(*http.Transport).TLSClientConfig
			})
			if r.Failures.Any() {
				t.Errorf("%s: %+v", mode, r.Failures)
			}
			return requests.Load()-before >= 5 && r.Messages > 0
		})
	}
	o := Default()
	o.URL, o.HTTP2, o.Raw = u, true, true
	if err := o.Check(); err == nil || !strings.Contains(err.Error(), "raw") {
		t.Errorf("a raw server over HTTP/2: %v", err)
	}
}
