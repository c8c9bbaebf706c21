package wstest_test

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
)

func TestPipeIsConnectedBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := wstest.Pipe(t, nil, nil)
		for _, way := range [][2]*websocket.Conn{{server, client}, {client, server}} {
			if err := way[0].Write(t.Context(), websocket.MessageText, []byte("hello")); err != nil {
				t.Fatal(err)
			}
			if typ, p, err := way[1].Read(t.Context()); typ != websocket.MessageText || string(p) != "hello" || err != nil {
				t.Errorf("got %v %q, %v", typ, p, err)
			}
		}
	})
}

func TestPipeNegotiates(t *testing.T) {
	server, client := wstest.Pipe(t,
		&websocket.AcceptOptions{Subprotocols: []string{"chat"}, CompressionMode: websocket.CompressionContextTakeover},
		&websocket.DialOptions{Subprotocols: []string{"other", "chat"}, CompressionMode: websocket.CompressionContextTakeover, HTTPHeader: http.Header{"X-Who": {"me"}}})
	for name, c := range map[string]*websocket.Conn{"server": server, "client": client} {
		if c.Subprotocol() != "chat" {
			t.Errorf("%s: subprotocol %q", name, c.Subprotocol())
		}
	}
}

func TestPipeLivesInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := wstest.Pipe(t, &websocket.AcceptOptions{ReadTimeout: time.Hour}, nil)
		begin := time.Now()
		go client.CloseRead(t.Context())
		_, _, err := server.Read(t.Context())
		if time.Since(begin) != time.Hour || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
	})
}

func TestPipeOverAnyTransport(t *testing.T) {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	near, far := wstest.NetPipe(100)
	server, client := wstest.PipeOver(t, tls.Server(far, s.TLS), tls.Client(near, &tls.Config{InsecureSkipVerify: true}), nil, nil)
	go server.Write(t.Context(), websocket.MessageBinary, make([]byte, 10_000))
	if _, p, err := client.Read(t.Context()); len(p) != 10_000 || err != nil {
		t.Errorf("%d bytes, %v", len(p), err)
	}
}
