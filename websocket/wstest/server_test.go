package wstest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/ws"
)

// echo is the handler of an echo server.
func echo(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"chat"}})
	if err != nil {
		return
	}
	defer c.CloseNow()
	c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
		return c.Write(ctx, typ, p)
	})
}

func TestServeInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := wstest.Serve(t, http.HandlerFunc(echo))
		c := s.Dial("/", &websocket.DialOptions{Subprotocols: []string{"chat"}})
		if c.Subprotocol() != "chat" {
			t.Errorf("subprotocol %q", c.Subprotocol())
		}
		if err := c.Write(t.Context(), websocket.MessageText, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		if _, p, err := c.Read(t.Context()); string(p) != "hello" || err != nil {
			t.Errorf("got %q, %v", p, err)
		}
		peer := s.Script("/")
		peer.Send(wstest.TextFrame("Hello"), wstest.Frame{OpCode: ws.OpText, RSV: 2})
		peer.Expect(wstest.TextFrame("Hello"), wstest.CloseFrame(1002))
		peer.CloseWrite()
		peer.ExpectEOF()
	})
}

func TestServeRefuses(t *testing.T) {
	s := wstest.Serve(t, http.HandlerFunc(echo))
	peer := s.Connect()
	peer.Send(wstest.Request("/").Replace("Sec-WebSocket-Version", "12"))
	resp := peer.ExpectResponse(http.StatusUpgradeRequired)
	if resp.Header.Get("Sec-WebSocket-Version") != "13" {
		t.Errorf("got %v", resp.Header)
	}
	_, resp, err := websocket.Dial(t.Context(), s.URL, s.Options(&websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"https://evil.example"}}}))
	if err == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("got %v, %v", resp, err)
	}
	resp, err = s.Client().Get("http://any.example/")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusBadRequest || err != nil {
		t.Errorf("got %v %q, %v", resp.Status, body, err)
	}
}

func TestServeEndsAllItsHandlers(t *testing.T) {
	ended := make(chan string, 3)
	got := failures(func(t testing.TB) {
		s := wstest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			echo(w, r)
			ended <- r.URL.Path
		}))
		s.Dial("/", nil)
		s.Script("/")
		_, _, err := websocket.Dial(context.Background(), s.URL, s.Options(nil))
		if err != nil {
			t.Fatalf("%v", err)
		}
	})
	if len(ended) != 3 || got != "" {
		t.Errorf("%d handlers have ended: %s", len(ended), got)
	}
}

func TestServerThatCannotBeReachedEndsTheTest(t *testing.T) {
	for name, dial := range map[string]func(s *wstest.Server){
		"Dial":    func(s *wstest.Server) { s.Dial("/", nil) },
		"Script":  func(s *wstest.Server) { s.Script("/") },
		"Connect": func(s *wstest.Server) { s.Connect() },
	} {
		got := failures(func(t testing.TB) {
			s := wstest.Serve(t, http.NotFoundHandler())
			s.Listener.Close()
			dial(s)
			t.Errorf("it has been reached")
		})
		if !strings.Contains(got, syscall.ECONNREFUSED.Error()) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestStartWithTLS(t *testing.T) {
	withTLS := httptest.NewTLSServer(nil)
	defer withTLS.Close()
	server := &http.Server{Handler: http.HandlerFunc(echo), TLSConfig: withTLS.TLS}
	s := wstest.Start(t, func(l net.Listener) error { return server.ServeTLS(l, "", "") }, server.Close)
	s.URL = "wss://server.example"
	c := s.Dial("/", nil)
	c.Write(t.Context(), websocket.MessageText, []byte("hello"))
	if _, p, err := c.Read(t.Context()); string(p) != "hello" || err != nil {
		t.Errorf("got %q, %v", p, err)
	}
}

// TestClientOfABadServer: what websocket.Dial makes of servers that break the rules
// of the handshake.
func TestClientOfABadServer(t *testing.T) {
	s := wstest.ServeScript(t, func(server *wstest.Script) {
		r := server.ExpectRequest()
		server.Send(wstest.Response(r).Replace("Sec-WebSocket-Accept", "bm8="))
		server.ExpectEnd()
	})
	_, _, err := websocket.Dial(t.Context(), s.URL, s.Options(nil))
	if !errors.Is(err, ws.ErrHandshakeBadSecAccept) {
		t.Errorf("got %v", err)
	}
}

func TestHTTPClientOfOptionsIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := wstest.ServeScript(t, func(server *wstest.Script) {
			server.Patience = 2 * time.Hour
			server.ExpectRequest()
			server.ExpectEnd()
		})
		begin := time.Now()
		mine := &http.Client{Timeout: time.Hour}
		_, _, err := websocket.Dial(t.Context(), s.URL, s.Options(&websocket.DialOptions{HTTPClient: mine}))
		if time.Since(begin) != time.Hour || !errors.Is(err, context.DeadlineExceeded) || mine.Transport != nil {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
	})
}
