package websocket_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

func newBufio(r io.Reader) *bufio.Reader { return bufio.NewReader(r) }

func echoServer(t *testing.T) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"echo"}})
		if err != nil {
			t.Error(err)
			return
		}
		defer c.CloseNow()
		echo(c)
	})
}

// roundTrip sees whether a connection works.
func roundTrip(t *testing.T, c *websocket.Conn, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
		return
	}
	if err := c.Write(within(t), websocket.MessageText, []byte("Hello")); err != nil {
		t.Error(err)
	}
	if _, p, err := c.Read(within(t)); err != nil || string(p) != "Hello" {
		t.Errorf("%q, %v", p, err)
	}
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

func TestDialOverTLS(t *testing.T) {
	s := httptest.NewTLSServer(echoServer(t))
	defer s.Close()
	c, resp, err := websocket.Dial(within(t), "wss"+strings.TrimPrefix(s.URL, "https"), &websocket.DialOptions{
		HTTPClient: s.Client(), Subprotocols: []string{"other", "echo"},
	})
	if err != nil || resp.StatusCode != 101 || c.Subprotocol() != "echo" {
		t.Fatal(err)
	}
	if c.RemoteAddr().String() != s.Listener.Addr().String() {
		t.Error(c.RemoteAddr())
	}
	roundTrip(t, c, err)
}

func TestDialAUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Skip("no unix sockets here:", err)
	}
	s := &http.Server{Handler: echoServer(t)}
	go s.Serve(l)
	defer s.Close()
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}}
	c, _, err := websocket.Dial(within(t), "ws://anything/", &websocket.DialOptions{HTTPClient: client})
	roundTrip(t, c, err)
}

func TestCookiesRedirectsAndHeaders(t *testing.T) {
	inner := echoServer(t)
	mux := http.NewServeMux()
	mux.HandleFunc("/old", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "yes"})
		http.Redirect(w, r, "/new", http.StatusFound)
	})
	mux.HandleFunc("/new", func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("seen"); err != nil || c.Value != "yes" || r.Header.Get("X-Mine") != "1" {
			t.Error("cookie, header:", err, r.Header)
		}
		inner.ServeHTTP(w, r)
	})
	s := httptest.NewServer(mux)
	defer s.Close()
	jar, _ := cookiejar.New(nil)
	opts := &websocket.DialOptions{HTTPClient: &http.Client{Jar: jar}, HTTPHeader: http.Header{"X-Mine": {"1"}}}
	c, _, err := websocket.Dial(within(t), "ws"+strings.TrimPrefix(s.URL, "http")+"/old", opts)
	roundTrip(t, c, err)

	no := errors.New("not that way")
	opts.HTTPClient = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return no }}
	if _, _, err = websocket.Dial(within(t), s.URL+"/old", opts); !errors.Is(err, no) {
		t.Error(err)
	}
}

func TestARefusalSaysWhatTheServerHasSaid(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Why", "closed today")
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, strings.Repeat("come back tomorrow ", 1000))
	}))
	defer s.Close()
	_, resp, err := websocket.Dial(within(t), s.URL, nil)
	refusal, ok := errors.AsType[*ws.ResponseError](err)
	if !ok || refusal.Status != 503 || len(refusal.Body) != 1024 || !strings.HasPrefix(string(refusal.Body), "come back") {
		t.Fatalf("%#v", err)
	}
	if v, _ := refusal.Header.First("X-Why"); string(v) != "closed today" {
		t.Errorf("header %q", v)
	}
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != 503 || len(body) != 1024 {
		t.Error(err, resp.StatusCode, len(body))
	}
}

func TestDialRefusesWhatCannotBeSent(t *testing.T) {
	for _, tc := range []struct {
		url  string
		opts *websocket.DialOptions
	}{
		{"ftp://example.com/", nil},
		{"ws://example.com/#there", nil},
		{"ws://example.com/", &websocket.DialOptions{Subprotocols: []string{"a b"}}},
		{"ws://example.com/", &websocket.DialOptions{HTTPHeader: http.Header{"Upgrade": {"h2c"}}}},
		{"ws://example.com/", &websocket.DialOptions{Host: "a b"}},
	} {
		_, _, err := websocket.Dial(within(t), tc.url, tc.opts)
		if _, ok := errors.AsType[*ws.RequestError](err); !ok {
			t.Errorf("%s: %v", tc.url, err)
		}
	}
	if _, _, err := websocket.Dial(within(t), "ws://user:secret@%zz/", nil); err == nil || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // and nobody answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, _, err := websocket.Dial(ctx, "ws://"+l.Addr().String(), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	opts := &websocket.DialOptions{HTTPClient: &http.Client{Timeout: 10 * time.Millisecond}}
	if _, _, err := websocket.Dial(context.Background(), "ws://"+l.Addr().String(), opts); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// A server that greets at once does so in the same packet as its response.
func TestWhatComesBehindTheResponseIsNotLost(t *testing.T) {
	client, server := tcpPair(t)
	go func() {
		br := newBufio(server)
		r, err := http.ReadRequest(br)
		if err != nil {
			t.Error(err)
			return
		}
		accept := acceptKey(r.Header.Get("Sec-WebSocket-Key"))
		io.WriteString(server, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+accept+"\r\n\r\n\x81\x05Hello")
	}()
	hc := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return client, nil }}}
	c, _, err := websocket.Dial(within(t), "ws://example.com/", &websocket.DialOptions{HTTPClient: hc})
	if err != nil {
		t.Fatal(err)
	}
	if _, p, err := c.Read(within(t)); err != nil || string(p) != "Hello" {
		t.Errorf("%q, %v", p, err)
	}
}

// roundTripper is a transport that hands out a stream and shows no net.Conn. If
// reading is set, it is told of each Read of the stream.
type roundTripper struct {
	handler http.Handler
	reading chan<- bool
}

func (rt roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	u, err := url.Parse(r.URL.String())
	if err != nil {
		return nil, err
	}
	var server *httptest.Server = httptest.NewServer(rt.handler)
	u.Host = server.Listener.Addr().String()
	plain := r.Clone(context.Background())
	plain.URL = u
	resp, err := http.DefaultTransport.RoundTrip(plain)
	if err == nil && rt.reading != nil {
		resp.Body = toldStream{resp.Body.(io.ReadWriteCloser), rt.reading}
	}
	return resp, err
}

type toldStream struct {
	io.ReadWriteCloser
	reading chan<- bool
}

func (s toldStream) Read(p []byte) (int, error) {
	s.reading <- true
	return s.ReadWriteCloser.Read(p)
}

func TestATransportWithoutDeadlines(t *testing.T) {
	reading := make(chan bool, 100)
	hc := &http.Client{Transport: roundTripper{echoServer(t), reading}}
	c, _, err := websocket.Dial(within(t), "ws://example.com/", &websocket.DialOptions{HTTPClient: hc})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.RemoteAddr().String(); got != "websocket/unknown-addr" {
		t.Error(got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-reading
		cancel()
	}()
	if _, _, err := c.Read(ctx); err == nil {
		t.Error("no error")
	}
	if err := c.Write(context.Background(), websocket.MessageText, nil); err == nil {
		t.Error("it goes on")
	}
	c, _, err = websocket.Dial(within(t), "ws://example.com/", &websocket.DialOptions{HTTPClient: hc})
	roundTrip(t, c, err)
}

// The context, and the timeout of the http.Client, bound the handshake and
// nothing after it. A server that speaks HTTP/2 as well is not asked to.
func TestAConnectionOutlivesTheContextOfItsDial(t *testing.T) {
	for scheme, config := range map[string]*tls.Config{"ws": nil, "wss": serverTLS()} {
		synctest.Test(t, func(t *testing.T) {
			hc := onPipes(t, &http.Server{Handler: echoServer(t), TLSConfig: config.Clone()})
			hc.Timeout = time.Second
			ctx, cancel := context.WithCancel(context.Background())
			c, _, err := websocket.Dial(ctx, scheme+"://example.com/", &websocket.DialOptions{HTTPClient: hc})
			cancel()
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(hc.Timeout + time.Second)
			roundTrip(t, c, nil)
		})
	}
}

// A server may begin to say why it refuses, and not end.
func TestARefusalThatDoesNotEnd(t *testing.T) {
	stop := make(chan bool)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, "wait")
		w.(http.Flusher).Flush()
		<-stop
	}))
	defer s.Close()
	defer close(stop)
	_, resp, err := websocket.Dial(context.Background(), s.URL, nil)
	refusal, ok := errors.AsType[*ws.ResponseError](err)
	if !ok || string(refusal.Body) != "wait" {
		t.Fatalf("%#v", err)
	}
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "wait" {
		t.Errorf("%q, %v", body, err)
	}
}

// TestDialByAProxy: it is asked for a tunnel, for ws as for wss.
func TestDialByAProxy(t *testing.T) {
	plain := httptest.NewServer(echoServer(t))
	defer plain.Close()
	secure := httptest.NewTLSServer(echoServer(t))
	defer secure.Close()
	for _, s := range []*httptest.Server{plain, secure} {
		asked := make(chan *http.Request, 1)
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked <- r
			there, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			defer there.Close()
			here, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
			go func() {
				io.Copy(here, there)
				here.Close()
			}()
			io.Copy(there, here)
		}))
		defer proxy.Close()
		u, _ := url.Parse(proxy.URL)
		u.User = url.UserPassword("me", "secret")
		hc := &http.Client{Transport: &http.Transport{
			Proxy:              http.ProxyURL(u),
			ProxyConnectHeader: http.Header{"X-Tenant": {"7"}},
			TLSClientConfig:    &tls.Config{InsecureSkipVerify: true},
		}}
		target := "ws" + strings.TrimPrefix(strings.Replace(s.URL, "127.0.0.1", "example.com", 1), "http")
		c, _, err := websocket.Dial(within(t), target+"/chat", &websocket.DialOptions{HTTPClient: hc})
		r := <-asked
		if port := s.URL[strings.LastIndex(s.URL, ":"):]; r.Method != "CONNECT" || r.Host != "example.com"+port {
			t.Errorf("%s: the proxy is asked for %s %s", target, r.Method, r.RequestURI)
		}
		if r.Header.Get("Proxy-Authorization") != "Basic bWU6c2VjcmV0" || r.Header.Get("X-Tenant") != "7" {
			t.Errorf("%s: the proxy gets %v", target, r.Header)
		}
		roundTrip(t, c, err)
	}
}

func TestDialByAProxyThatRefuses(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer proxy.Close()
	u, _ := url.Parse(proxy.URL)
	hc := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(u)}}
	for target, host := range map[string]string{"ws://example.com/chat": "example.com:80", "wss://example.com/chat": "example.com:443"} {
		_, _, err := websocket.Dial(within(t), target, &websocket.DialOptions{HTTPClient: hc})
		e, ok := errors.AsType[*ws.ProxyError](err)
		if !ok || e.Status != http.StatusForbidden || e.Reason != "Forbidden" || e.Target != host || e.Proxy != proxy.URL || e.Header.Count("Date") != 1 {
			t.Errorf("%s: %#v", target, err)
		}
	}
}

// traceless tells nobody which net.Conn it uses: what it returns has no deadlines.
type traceless struct{ http.RoundTripper }

func (t traceless) RoundTrip(r *http.Request) (*http.Response, error) {
	return t.RoundTripper.RoundTrip(r.Clone(context.Background()))
}

// A peer that does not answer a close frame is not waited for longer where no
// deadline can be set.
func TestClosingWhileServingWithoutDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hc := onPipes(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn, _, _, err := ws.HTTPUpgrader{}.Upgrade(r, w)
			if err != nil {
				t.Error(err)
				return
			}
			io.WriteString(conn, "\x81\x01x")
		})})
		hc.Transport = traceless{hc.Transport}
		c, _, err := websocket.Dial(context.Background(), "ws://example.com/", &websocket.DialOptions{HTTPClient: hc})
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		err = c.Serve(context.Background(), func(context.Context, websocket.MessageType, []byte) error {
			return c.Close(websocket.StatusNormalClosure, "")
		})
		if took := time.Since(begun); !errors.Is(err, websocket.EndedByUs) || took != 5*time.Second {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

func TestARedirectMayNameASchemeOfWebSocket(t *testing.T) {
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	defer s.Close()
	mux.HandleFunc("/old", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "ws"+strings.TrimPrefix(s.URL, "http")+"/new", http.StatusTemporaryRedirect)
	})
	mux.Handle("/new", echoServer(t))
	c, _, err := websocket.Dial(within(t), s.URL+"/old", nil)
	roundTrip(t, c, err)
}

// With context takeover a message that comes again is little more than a
// reference to the one before, in both directions; without it, it is not.
func TestContextTakeoverInBothDirections(t *testing.T) {
	text := prose(2000)
	for mode, again := range map[websocket.CompressionMode]bool{websocket.CompressionContextTakeover: true, websocket.CompressionNoContextTakeover: false} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: mode}); err == nil {
				defer c.CloseNow()
				echo(c)
			}
		}))
		defer s.Close()
		var there, back atomic.Int64
		hc := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			return &meteredConn{conn, &there, &back}, err
		}}}
		c, _, err := websocket.Dial(within(t), s.URL, &websocket.DialOptions{HTTPClient: hc, CompressionMode: mode})
		if err != nil {
			t.Fatal(err)
		}
		var sizes [2][2]int64
		for i := range sizes {
			there.Store(0)
			back.Store(0)
			c.Write(within(t), websocket.MessageText, text)
			if _, p, err := c.Read(within(t)); err != nil || string(p) != string(text) {
				t.Fatal(err)
			}
			sizes[i] = [2]int64{there.Load(), back.Load()}
		}
		for direction := range 2 {
			first, second := sizes[0][direction], sizes[1][direction]
			if first >= int64(len(text)) || (second < first/4) != again {
				t.Errorf("mode %d, direction %d: %d bytes, then %d", mode, direction, first, second)
			}
		}
		c.CloseNow()
	}
}

// meteredConn counts bytes.
type meteredConn struct {
	net.Conn
	out, in *atomic.Int64
}

func (c *meteredConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.in.Add(int64(n))
	return n, err
}

func (c *meteredConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.out.Add(int64(n))
	return n, err
}
