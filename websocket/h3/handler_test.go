package h3_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/quic-go/quic-go/http3"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h3"
	"github.com/wirews/wirews/ws"
)

func TestMessagesOfEverySize(t *testing.T) {
	for name, mode := range map[string]websocket.CompressionMode{
		"as they are": websocket.CompressionDisabled, "compressed": websocket.CompressionContextTakeover,
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, nil, accept(t, nil, func(c *websocket.Conn) error {
				if c.TLS() == nil || c.TLS().Version != tls.VersionTLS13 {
					t.Errorf("TLS %v", c.TLS())
				}
				if _, ok := c.RemoteAddr().(*net.UDPAddr); !ok {
					t.Errorf("peer %v", c.RemoteAddr())
				}
				return echo(c)
			}))
			c, resp, err := s.tryDial(bg, &websocket.DialOptions{Subprotocols: []string{"a", "b"}, CompressionMode: mode})
			if err != nil {
				t.Fatal(err)
			}
			defer c.CloseNow()
			if resp.Proto != "HTTP/3.0" || resp.StatusCode != 200 || resp.TLS == nil || c.Subprotocol() != "b" || c.TLS() == nil {
				t.Errorf("%s, %d, %v, subprotocol %q", resp.Proto, resp.StatusCode, resp.TLS, c.Subprotocol())
			}
			for _, size := range []int{0, 1, 125, 126, 64 << 10, 1<<20 + 1} {
				exchange(t, c, strings.Repeat("x", size))
			}
			if err := c.Close(websocket.StatusNormalClosure, "bye"); err != nil {
				t.Error(err)
			}
		})
	}
}

// What is refused is decided before the stream is taken.
func TestWhatIsRefused(t *testing.T) {
	ended := make(chan error, 1)
	s := serve(t, nil, h3.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := websocket.Accept(w, r, nil)
		ended <- err
	})))
	_, resp, err := s.tryDial(bg, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"https://evil.example"}}})
	if e, ok := errors.AsType[*ws.ResponseError](err); !ok || e.Status != 403 || resp.StatusCode != 403 || len(e.Body) == 0 {
		t.Errorf("the client: %v", err)
	}
	if err := <-ended; !errors.Is(err, ws.ErrHandshakeBadOrigin) {
		t.Errorf("the server: %v", err)
	}
}

// wrapper is what a middleware makes of a ResponseWriter.
type wrapper struct{ http.ResponseWriter }

func (w wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestTheConnectionOutlivesItsHandler(t *testing.T) {
	conns := make(chan *websocket.Conn, 1)
	s := serve(t, nil, h3.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(wrapper{w}, r, nil)
		if err != nil {
			t.Error(err)
		}
		conns <- c
	})))
	c := s.dial(t, nil)
	accepted := <-conns
	go echo(accepted)
	exchange(t, c, "the handler has returned")
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

// Without Handler, Accept takes the request's body and the response.
func TestWithoutHandlerTheConnectionEndsWithItsHandler(t *testing.T) {
	returned := make(chan struct{})
	s := serve(t, nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		_, p, err := c.Read(bg)
		if err == nil {
			err = c.Write(bg, websocket.MessageText, p)
		}
		if err != nil {
			t.Error(err)
		}
		close(returned)
	}))
	c := s.dial(t, nil)
	exchange(t, c, "hello")
	<-returned
	if _, _, err := c.Read(bg); err == nil {
		t.Error("the stream goes on")
	}
}

func TestAServerShutsDown(t *testing.T) {
	for _, detach := range []bool{false, true} {
		ws := &websocket.Server{Detach: detach, Handler: func(ctx context.Context, c *websocket.Conn) { echo(c) }}
		s := serve(t, nil, h3.Handler(ws))
		c := s.dial(t, nil)
		exchange(t, c, "hello")
		done := make(chan error, 1)
		go func() {
			ctx, cancel := context.WithTimeout(bg, patience)
			defer cancel()
			_, err := ws.Shutdown(ctx)
			done <- err
		}()
		if _, _, err := c.Read(bg); websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("detach %v: the client's end: %v", detach, err)
		}
		if err := <-done; err != nil {
			t.Errorf("detach %v: %v", detach, err)
		}
	}
}

func TestOtherRequestsArePassedOn(t *testing.T) {
	var got http.ResponseWriter
	h := h3.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = w }))
	w := wrapper{}
	h.ServeHTTP(w, &http.Request{Method: "GET", ProtoMajor: 3})
	if got != http.ResponseWriter(w) {
		t.Errorf("%T", got)
	}
}

// streamer is what an http3.Server's ResponseWriter is.
type streamer struct{ *httptest.ResponseRecorder }

func (streamer) HTTPStream() (*http3.Stream, error) { return nil, errors.New("no stream") }

// Data of 0-RTT comes before the handshake of TLS is complete (RFC 8470, section 5.2).
func TestAHandshakeThatCanBeReplayedIsTooEarly(t *testing.T) {
	h := h3.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(299) }))
	for complete, want := range map[bool]int{false: http.StatusTooEarly, true: 299} {
		r := httptest.NewRequest(http.MethodConnect, "https://server.example", nil)
		r.Proto, r.ProtoMajor, r.TLS = "websocket", 3, &tls.ConnectionState{HandshakeComplete: complete}
		w := streamer{httptest.NewRecorder()}
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("complete %v: %d, want %d", complete, w.Code, want)
		}
	}
}
