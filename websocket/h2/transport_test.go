package h2_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

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
		if mode == websocket.CompressionDisabled { // with thousands of WINDOW_UPDATE
			exchange(t, c, strings.Repeat("x", 20<<20))
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

func TestHTTP11OverTLS(t *testing.T) {
	wstest.NoLeaks(t)
	s := httptest.NewUnstartedServer(accept(t, echo)) // which does not offer HTTP/2
	s.StartTLS()
	defer s.Close()
	transport := &h2.Transport{TLSClientConfig: s.Client().Transport.(*http.Transport).TLSClientConfig}
	opts := &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}}
	for range 2 {
		c, resp, err := websocket.Dial(bg, s.URL, opts)
		if err != nil {
			t.Fatal(err)
		}
		if resp.ProtoMajor != 1 || c.TLS() == nil {
			t.Errorf("HTTP/%d, TLS %v", resp.ProtoMajor, c.TLS())
		}
		exchange(t, c, "hello")
		c.Close(websocket.StatusNormalClosure, "")
	}
	transport.Only = true
	if _, _, err := websocket.Dial(bg, s.URL, opts); err == nil {
		t.Error("connected")
	}
}

// A proxy is asked for a tunnel, over HTTP/2 as over HTTP/1.1.
func TestByWayOfAProxy(t *testing.T) {
	s := serve(t, nil, accept(t, echo))
	var asked atomic.Int32
	proxy := wstest.Start(t, func(l net.Listener) error {
		for {
			client, err := l.Accept()
			if err != nil {
				return err
			}
			req, err := http.ReadRequest(bufio.NewReader(client))
			if err != nil || req.Method != http.MethodConnect || req.Host != "server.example:80" {
				t.Errorf("the proxy was asked for %v, %v", req, err)
			}
			asked.Add(1)
			target, err := s.Listener.Dial()
			if err != nil {
				return err
			}
			io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
			go func() { io.Copy(target, client); target.Close() }()
			go func() { io.Copy(client, target); client.Close() }()
		}
	}, func() error { return nil })
	s.transport.DialContext = proxy.Listener.DialContext
	s.transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy.example:3128"})
	c := s.dial(t, nil)
	exchange(t, c, "hello")
	other := s.dial(t, nil)
	exchange(t, other, "hello")
	if asked.Load() != 1 {
		t.Errorf("the proxy was asked %d times", asked.Load())
	}
	s.transport.UnencryptedHTTP2 = false
	exchange(t, s.dial(t, nil), "over HTTP/1.1")
	if asked.Load() != 2 {
		t.Errorf("the proxy was asked %d times", asked.Load())
	}
}

// Whoever began to connect may go: the others go on waiting for the connection.
func TestADialThatIsCancelledBeforeThereIsAConnection(t *testing.T) {
	s := serve(t, nil, accept(t, echo))
	dial, allowed := s.transport.DialContext, make(chan struct{})
	s.transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		select {
		case <-allowed:
			return dial(ctx, network, addr)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	for range 3 {
		ctx, cancel := context.WithTimeout(bg, time.Millisecond)
		if _, _, err := s.tryDial(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		cancel()
	}
	ctx, cancel := context.WithCancel(bg)
	first := make(chan error)
	go func() {
		_, _, err := s.tryDial(ctx, nil)
		first <- err
	}()
	second := make(chan *websocket.Conn)
	go func() { second <- s.dial(t, nil) }()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(allowed)
	exchange(t, <-second, "hello")
}

// What connects may say in its own words that it was given up. That is nothing to whoever
// has come to wait meanwhile.
func TestAConnectionThatWasGivenUpIsNoErrorOfWhoComesThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, nil, accept(t, echo))
		dial, goOn := s.transport.DialContext, make(chan struct{})
		first := true // until the first one is given up
		s.transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if !first {
				return dial(ctx, network, addr)
			}
			first = false
			<-ctx.Done()
			<-goOn
			return nil, errors.New("given up")
		}
		ctx, cancel := context.WithTimeout(bg, time.Second)
		defer cancel()
		if _, _, err := s.tryDial(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		second := make(chan error)
		go func() {
			c, _, err := s.tryDial(bg, nil)
			if err == nil {
				c.CloseNow()
			}
			second <- err
		}()
		synctest.Wait() // for what the first one began
		close(goOn)
		if err := <-second; err != nil {
			t.Error(err)
		}
	})
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
