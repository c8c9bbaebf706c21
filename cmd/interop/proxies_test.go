package interop_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// tell sends a client what the server knows of it.
func tell(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // the client has been told
	}
	defer c.CloseNow()
	c.Write(r.Context(), websocket.MessageText, []byte(strings.Join(r.Header.Values("X-Forwarded-For"), "|")))
	c.Close(websocket.StatusServiceRestart, "back soon")
}

// TestConfigurationsOfTheCookbook: through each proxy as docs/cookbook/proxies.md
// configures it, the server knows the client's address and not what the client
// says of it, a page of the same host may connect and one of another may not, and
// close codes arrive.
func TestConfigurationsOfTheCookbook(t *testing.T) {
	id := newIdentity(t)
	for _, p := range proxies {
		t.Run(p.name, func(t *testing.T) {
			need(t, p.probe, p.missing)
			s := httptest.NewServer(http.HandlerFunc(tell))
			defer s.Close()
			addr := s.Listener.Addr().String()
			plain, secure := p.start(t, id, addr, addr)
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: id.roots}}}
			defer client.CloseIdleConnections()
			for _, url := range []string{"ws://" + plain + "/", "wss://" + secure + "/"} {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				opts := websocket.DialOptions{HTTPClient: client, HTTPHeader: http.Header{"X-Forwarded-For": {"192.0.2.1"}}}
				opts.HTTPHeader.Set("Origin", strings.TrimSuffix(strings.Replace(url, "ws", "http", 1), "/"))
				c, _, err := websocket.Dial(ctx, url, &opts)
				if err != nil {
					t.Fatal(url, err)
				}
				defer c.CloseNow()
				if _, p, err := c.Read(ctx); err != nil || string(p) != "127.0.0.1" {
					t.Errorf("%s: the server has %q for the client's address, %v", url, p, err)
				}
				if _, _, err = c.Read(ctx); websocket.CloseStatus(err) != websocket.StatusServiceRestart {
					t.Errorf("%s: the end is %v", url, err)
				}

				opts.HTTPHeader.Set("Origin", "http://example.org")
				var refused *ws.ResponseError
				if _, _, err := websocket.Dial(ctx, url, &opts); !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
					t.Errorf("%s: a page of another host: %v", url, err)
				}
			}
		})
	}
}
