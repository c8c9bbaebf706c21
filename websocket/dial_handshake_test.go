package websocket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// transport is a RoundTripper that a test has written.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func dialBy(t *testing.T, f transport) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	return websocket.Dial(within(t), "ws://example.com", &websocket.DialOptions{HTTPClient: &http.Client{Transport: f}})
}

// What a RoundTripper returns need not be printable: it is checked by its fields.
func TestAResponseIsJudgedByItsFields(t *testing.T) {
	_, resp, err := dialBy(t, func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 403, Header: http.Header{"X-Why": {"closed"}}, Body: io.NopCloser(strings.NewReader("closed today"))}, nil
	})
	refusal, ok := errors.AsType[*ws.ResponseError](err)
	if !ok || refusal.Status != 403 || string(refusal.Body) != "closed today" || resp.StatusCode != 403 {
		t.Errorf("got %v", err)
	}
	// The key is found by the name that Header.Get looks for.
	answer := func(r *http.Request) *http.Response {
		client, _ := net.Pipe()
		return &http.Response{StatusCode: 101, Body: client, Header: http.Header{
			"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Accept": {acceptKey(r.Header.Get("Sec-WebSocket-Key"))},
		}}
	}
	c, _, err := dialBy(t, func(r *http.Request) (*http.Response, error) { return answer(r), nil })
	if err != nil {
		t.Fatal(err)
	}
	c.CloseNow()
	for name, tc := range map[string]struct {
		change func(*http.Response)
		is     error
	}{
		"HTTP/1.0":         {func(r *http.Response) { r.ProtoMajor = 1 }, ws.ErrHandshakeBadProtocol},
		"no header":        {func(r *http.Response) { r.Header = nil }, ws.ErrHandshakeBadUpgrade},
		"interim":          {func(r *http.Response) { r.StatusCode = 103 }, ws.ErrHandshakeBadStatus},
		"no status":        {func(r *http.Response) { r.StatusCode = 0 }, ws.ErrHandshakeBadStatus},
		"control in value": {func(r *http.Response) { r.Header.Set("X", "a\x00") }, ws.ErrMalformedResponse},
		"name":             {func(r *http.Response) { r.Header["a b"] = []string{""} }, ws.ErrMalformedResponse},
		"chunked":          {func(r *http.Response) { r.TransferEncoding = []string{"chunked"} }, ws.ErrHandshakeBadFraming},
	} {
		_, _, err := dialBy(t, func(r *http.Request) (*http.Response, error) {
			resp := answer(r)
			tc.change(resp)
			return resp, nil
		})
		if !errors.Is(err, tc.is) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// RFC 9110, 8.6, and RFC 9112, 6.1: no Content-Length and no Transfer-Encoding
// in a response with status 101.
func TestA101ThatAnnouncesABodyIsRefused(t *testing.T) {
	for _, field := range []string{"Content-Length: 0", "Content-Length: 5", "Transfer-Encoding: chunked", "content-length: 5\r\nTransfer-Encoding: chunked"} {
		hc := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			client, server := tcpPair(t)
			go answer101(server, field)
			return client, nil
		}}}
		if _, _, err := websocket.Dial(within(t), "ws://example.com/", &websocket.DialOptions{HTTPClient: hc}); !errors.Is(err, ws.ErrHandshakeBadFraming) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// answer101 accepts a handshake with further fields.
func answer101(server net.Conn, fields string) {
	r, err := http.ReadRequest(newBufio(server))
	if err == nil {
		fmt.Fprintf(server, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n%s\r\n\r\n",
			acceptKey(r.Header.Get("Sec-WebSocket-Key")), fields)
	}
}

// Some servers compare the names of fields by case.
func TestFieldsAreSpeltAsInTheRFC(t *testing.T) {
	heads := make(chan string, 2)
	addr := listenRaw(t, func(conn net.Conn) {
		br := newBufio(conn)
		var head strings.Builder
		for {
			line, err := br.ReadString('\n')
			if head.WriteString(line); err != nil || line == "\r\n" {
				break
			}
		}
		heads <- head.String()
		if strings.HasPrefix(head.String(), "GET /old ") {
			io.WriteString(conn, "HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		}
	})
	websocket.Dial(within(t), "ws://"+addr+"/old", &websocket.DialOptions{
		Subprotocols: []string{"a"}, CompressionMode: websocket.CompressionNoContextTakeover, HTTPHeader: http.Header{"x-ours": {"1"}},
	})
	for range 2 {
		head := <-heads
		for _, name := range []string{
			"Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "X-Ours",
		} {
			if strings.Count(head, "\r\n"+name+": ") != 1 {
				t.Errorf("no %s in %q", name, head)
			}
		}
	}
}

// listenRaw gives each connection to serve, and closes it afterwards.
func listenRaw(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(conn)
			conn.Close()
		}
	}()
	return l.Addr().String()
}

func TestARedirectToAnUnencryptedServerIsRefused(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was asked") }))
	defer plain.Close()
	for _, scheme := range []string{"ws", "http"} {
		s := httptest.NewTLSServer(http.RedirectHandler(scheme+strings.TrimPrefix(plain.URL, "http"), http.StatusFound))
		hc := s.Client()
		for range 2 {
			_, _, err := websocket.Dial(within(t), s.URL, &websocket.DialOptions{HTTPClient: hc})
			if !errors.Is(err, websocket.ErrRedirectUnencrypted) || !strings.Contains(err.Error(), strings.TrimPrefix(plain.URL, "http://")) {
				t.Errorf("%s: %v", scheme, err)
			}
			hc.CheckRedirect = func(*http.Request, []*http.Request) error { return nil }
		}
		s.Close()
	}
}

func TestARedirectHasNoReferer(t *testing.T) {
	inner := echoServer(t)
	referers := make(chan string, 1)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, strings.Replace("http://"+r.Host, "http", r.URL.Query().Get("scheme"), 1)+"/new", http.StatusFound)
			return
		}
		referers <- r.Header.Get("Referer")
		inner.ServeHTTP(w, r)
	})
	plain, secure := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	defer plain.Close()
	defer secure.Close()
	for _, tc := range []struct {
		s              *httptest.Server
		scheme, header string
	}{{plain, "ws", ""}, {plain, "http", ""}, {secure, "wss", ""}, {plain, "ws", "http://mine.example/"}} {
		opts := &websocket.DialOptions{HTTPClient: tc.s.Client(), HTTPHeader: http.Header{}}
		if tc.header != "" {
			opts.HTTPHeader.Set("Referer", tc.header)
		}
		c, _, err := websocket.Dial(within(t), tc.s.URL+"/old?secret=1&scheme="+tc.scheme, opts)
		roundTrip(t, c, err)
		if got := <-referers; got != tc.header {
			t.Errorf("to %s: Referer %q, want %q", tc.scheme, got, tc.header)
		}
	}
}

// Hosts and queries in any script are translated as net/http does, and a query
// by RFC 3987, 3.1.
func TestDialTakesHostsAndQueriesInAnyScript(t *testing.T) {
	type seen struct{ addr, host, query string }
	got := make(chan seen, 1)
	inner := echoServer(t)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- seen{host: r.Host, query: r.URL.RawQuery}
		inner.ServeHTTP(w, r)
	}))
	defer s.Close()
	var dialled string
	hc := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		dialled = addr
		return new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
	}}}
	for _, tc := range []struct {
		url, option string
		want        seen
	}{
		{"ws://bücher.example/?q=ü", "", seen{"xn--bcher-kva.example:80", "xn--bcher-kva.example", "q=%C3%BC"}},
		{"ws://bücher.example:80/", "", seen{"xn--bcher-kva.example:80", "xn--bcher-kva.example", ""}},
		{"ws://bücher.example:8080/", "", seen{"xn--bcher-kva.example:8080", "xn--bcher-kva.example:8080", ""}},
		{"ws://example.com/ü?a=b&c=%20", "bücher.example", seen{"example.com:80", "xn--bcher-kva.example", "a=b&c=%20"}},
		{"ws://bücher.example/", "example.com", seen{"xn--bcher-kva.example:80", "example.com", ""}},
		{"ws://example.com:80", "", seen{"example.com:80", "example.com", ""}},
	} {
		c, _, err := websocket.Dial(within(t), tc.url, &websocket.DialOptions{HTTPClient: hc, Host: tc.option})
		if err != nil {
			t.Errorf("%s: %v", tc.url, err)
			continue
		}
		is := <-got
		if is.addr = dialled; is != tc.want {
			t.Errorf("%s: got %+v, want %+v", tc.url, is, tc.want)
		}
		c.CloseNow()
	}
}
