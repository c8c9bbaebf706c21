//go:build !js

package websocket_test

import (
	"context"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
)

const plainRequest = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

// A panic of a function of the program ends the connection that it was about.
func TestAPanicInAHookLeavesNoConnection(t *testing.T) {
	t.Run("Context", func(t *testing.T) {
		var n websocket.Counters
		s := &websocket.Server{Context: func(context.Context, *http.Request) context.Context { panic(http.ErrAbortHandler) }}
		s.Options.Counters = &n
		web := httptest.NewServer(s)
		defer web.Close()
		c, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(web.URL, "http"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Read(t.Context()); err == nil {
			t.Error("a message")
		}
		if _, err := s.Shutdown(t.Context()); err != nil || n.Stats().Open != 0 {
			t.Errorf("%v, %d connections are left", err, n.Stats().Open)
		}
	})
	t.Run("Key", func(t *testing.T) {
		s := &websocket.Server{Key: func(*http.Request) string { panic("a bug") }}
		client, server := net.Pipe()
		go func() {
			defer func() { recover() }()
			s.ServeConn(context.Background(), server)
		}()
		go io.WriteString(client, plainRequest)
		if got, err := io.ReadAll(client); len(got) > 0 || err != nil {
			t.Errorf("%q, %v; want the end", got, err)
		}
	})
}

func TestOnErrorMayShutTheServerDown(t *testing.T) {
	for name, serve := range map[string]func(s *websocket.Server){
		"ServeConn": func(s *websocket.Server) {
			client, server := net.Pipe()
			go io.Copy(io.Discard, client)
			go io.WriteString(client, "nonsense\r\n\r\n")
			s.ServeConn(context.Background(), server)
		},
		"ServeHTTP": func(s *websocket.Server) { s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			var s websocket.Server
			told := 0
			s.OnError = func(string, error) {
				told++
				s.Shutdown(context.Background())
			}
			if serve(&s); told != 1 {
				t.Errorf("OnError was called %d times", told)
			}
		})
	}
}

// asking is a listener whose Close asks the server something.
type asking struct {
	net.Listener
	s *websocket.Server
}

func (l asking) Close() error {
	l.s.Len()
	return l.Listener.Close()
}

func TestTheCloseOfAListenerMayAskTheServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var s websocket.Server
	served := make(chan error, 1)
	go func() { served <- s.Serve(asking{l, &s}) }()
	c, _, err := websocket.Dial(t.Context(), "ws://"+l.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	s.Close()
	if err := <-served; err != websocket.ErrServerClosed {
		t.Errorf("Serve returns %v, want ErrServerClosed", err)
	}
}

func TestRetryAfterIsNeverNegative(t *testing.T) {
	for after, want := range map[time.Duration]string{math.MaxInt64: "9223372037", time.Second: "1", time.Second + 1: "2"} {
		s := &websocket.Server{RetryAfter: after}
		s.Close()
		r := httptest.NewRecorder()
		s.ServeHTTP(r, httptest.NewRequest("GET", "/", nil))
		if got := r.Header().Get("Retry-After"); got != want {
			t.Errorf("%v: Retry-After: %s, want %s", after, got, want)
		}
	}
}
