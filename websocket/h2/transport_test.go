package h2_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h2"
	"github.com/wirews/wirews/websocket/wstest"
)

func TestMessagesOfEverySize(t *testing.T) {
	for _, mode := range []websocket.CompressionMode{websocket.CompressionDisabled, websocket.CompressionContextTakeover} {
		s := serve(t, nil, accept(t, echo))
		c, resp, err := s.tryDial(bg, &websocket.DialOptions{Subprotocols: []string{"a", "b"}, CompressionMode: mode})
		if err != nil {
			t.Fatal(err)
		}
		if c.Subprotocol() != "b" || resp.StatusCode != 200 || resp.ProtoMajor != 2 || resp.Request.Method != "CONNECT" {
			t.Errorf("%+v, subprotocol %q", resp, c.Subprotocol())
		}
		for _, size := range []int{0, 1, 125, 126, 1 << 10, 1 << 16, 1 << 20, 5 << 20} {
			exchange(t, c, strings.Repeat("x", size))
		}
		if err := c.Close(websocket.StatusNormalClosure, "bye"); err != nil {
			t.Error(err)
		}
	}
}

func TestOverTLS(t *testing.T) {
	wstest.NoLeaks(t)
	s := httptest.NewUnstartedServer(accept(t, echo))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	transport := &h2.Transport{TLSClientConfig: s.Client().Transport.(*http.Transport).TLSClientConfig, Only: true}
	defer transport.CloseIdleConnections()
	c, _, err := websocket.Dial(bg, "wss"+strings.TrimPrefix(s.URL, "https"), &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	if c.TLS() == nil || c.TLS().NegotiatedProtocol != "h2" {
		t.Errorf("TLS %+v", c.TLS())
	}
	exchange(t, c, "hello")
	c.Close(websocket.StatusNormalClosure, "")
}

func TestAThousandWebSocketsOnOneConnection(t *testing.T) {
	wstest.NoLeaks(t)
	const n = 1000
	s := serve(t, &http.HTTP2Config{MaxConcurrentStreams: n}, accept(t, echo))
	var dialled atomic.Int32
	dial := s.transport.DialContext
	s.transport.DialContext = counted(&dialled, dial)
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			c, _, err := s.tryDial(bg, nil)
			if err != nil {
				t.Error(err)
				return
			}
			for range 3 {
				if err := c.Write(bg, websocket.MessageText, []byte("hello")); err != nil {
					t.Error(err)
				}
				if _, p, err := c.Read(bg); string(p) != "hello" {
					t.Errorf("%q, %v", p, err)
				}
			}
			if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if dialled.Load() != 1 {
		t.Errorf("%d connections", dialled.Load())
	}
}

func TestAnotherConnectionWhenTheServerTakesNoMoreStreams(t *testing.T) {
	s := serve(t, &http.HTTP2Config{MaxConcurrentStreams: 10}, accept(t, echo))
	var dialled atomic.Int32
	s.transport.DialContext = counted(&dialled, s.transport.DialContext)
	var all sync.WaitGroup
	conns := make([]*websocket.Conn, 35)
	for i := range conns {
		all.Go(func() { conns[i] = s.dial(t, nil) })
	}
	all.Wait()
	for _, c := range conns {
		exchange(t, c, "hello")
	}
	if dialled.Load() != 4 {
		t.Errorf("%d connections, want 4", dialled.Load())
	}
}

func TestHTTP11WhereHTTP2IsNotOffered(t *testing.T) {
	mem := wstest.Serve(t, accept(t, echo))
	s := &server{mem, &h2.Transport{DialContext: mem.Listener.DialContext, UnencryptedHTTP2: true}}
	for range 2 {
		c, resp, err := s.tryDial(bg, nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != 101 {
			t.Errorf("status %d", resp.StatusCode)
		}
		exchange(t, c, "hello")
		c.CloseNow()
	}
	s.transport.Only = true
	if _, _, err := s.tryDial(bg, nil); !errors.Is(err, h2.ErrNotOffered) {
		t.Error(err)
	}
}

func TestARefusal(t *testing.T) {
	s := serve(t, nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			http.Redirect(w, r, "/there", http.StatusFound)
		case "/there":
			w.Header().Set("X-Reason", "why")
			http.Error(w, "not today", http.StatusForbidden)
		}
	}))
	_, resp, err := s.tryDial(bg, nil)
	if resp == nil || resp.StatusCode != 403 || resp.Header.Get("X-Reason") != "why" {
		t.Fatalf("%+v, %v", resp, err)
	}
	body := make([]byte, 100)
	n, _ := resp.Body.Read(body)
	if string(body[:n]) != "not today\n" {
		t.Errorf("body %q", body[:n])
	}
}

func TestADialThatIsCancelledLeavesTheOthers(t *testing.T) {
	s := serve(t, nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-r.Context().Done()
			return
		}
		accept(t, echo).ServeHTTP(w, r)
	}))
	c := s.dial(t, nil)
	ctx, cancel := context.WithCancel(bg)
	done := make(chan error)
	s.URL += "/slow"
	go func() {
		_, _, err := s.tryDial(ctx, nil)
		done <- err
	}()
	exchange(t, c, "hello")
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	exchange(t, c, "hello again")
}
