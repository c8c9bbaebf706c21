package overh2_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/wirews/wirews/cmd/internal/overh2"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h2"
	"github.com/wirews/wirews/websocket/wstest"
	_ "github.com/wirews/wirews/websocket/xconnect"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// serve returns a ws.Dialer that reaches a server of HTTP/2 in memory.
func serve(t *testing.T, h http.HandlerFunc) ws.Dialer {
	s := &http.Server{Handler: h, Protocols: new(http.Protocols)}
	s.Protocols.SetUnencryptedHTTP2(true)
	mem := wstest.Start(t, s.Serve, s.Close)
	transport := &h2.Transport{DialContext: mem.Listener.DialContext, UnencryptedHTTP2: true, Only: true}
	t.Cleanup(transport.CloseIdleConnections)
	over := &overh2.Dialer{URL: &url.URL{Scheme: "ws", Host: "server.example"}, Transport: transport}
	return ws.Dialer{NetDial: over.Dial}
}

func TestAClientOfHTTP11ReachesAServerOfHTTP2(t *testing.T) {
	d := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 || r.URL.String() != "/path?query" || r.Header.Get("X") != "y" {
			t.Errorf("%s %s %v", r.Proto, r.URL, r.Header)
		}
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"p"}})
		if err != nil {
			t.Error(err)
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(-1)
		c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error { return c.Write(ctx, typ, p) })
	})
	d.Protocols = []string{"p"}
	d.Header = ws.HandshakeHeaderHTTP{"X": {"y"}}
	conn, _, hs, err := d.Dial(context.Background(), "ws://server.example/path?query")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if hs.Protocol != "p" {
		t.Errorf("subprotocol %q", hs.Protocol)
	}
	for _, text := range []string{"hello", strings.Repeat("x", 300_000)} {
		go wsutil.WriteClientText(conn, []byte(text))
		if got, err := wsutil.ReadServerText(conn); err != nil || string(got) != text {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
	}
}

func TestARefusalComesAsOneOfHTTP11(t *testing.T) {
	d := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Error(w, "not today", http.StatusForbidden) })
	_, _, _, err := d.Dial(context.Background(), "ws://server.example/")
	refusal, ok := errors.AsType[*ws.ResponseError](err)
	if !ok || refusal.Status != 403 || !strings.Contains(string(refusal.Body), "not today") {
		t.Errorf("%v", err)
	}
}

func TestAServerWithoutHTTP2(t *testing.T) {
	s := wstest.Serve(t, http.NotFoundHandler())
	over := &overh2.Dialer{URL: &url.URL{Scheme: "ws", Host: "server.example"}, Transport: &h2.Transport{DialContext: s.Listener.DialContext, UnencryptedHTTP2: true, Only: true}}
	_, _, _, err := ws.Dialer{NetDial: over.Dial}.Dial(context.Background(), "ws://server.example/")
	if !errors.Is(err, h2.ErrNotOffered) {
		t.Error(err)
	}
}
