package websocket_test

import (
	"bufio"
	"context"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	websocket "github.com/wirews/wirews/compat/gorilla"
	"github.com/wirews/wirews/ws"
)

// connect connects without a handshake.
func connect(t testing.TB, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	return conn
}

// answering returns the address of a server that answers one request with a text,
// whose %s is the right key.
func answering(t *testing.T, text string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			t.Error(err)
			return
		}
		fmt.Fprintf(conn, text, acceptFor(r))
		io.Copy(io.Discard, conn) // to its end
	}()
	return l.Addr().String()
}

// acceptFor returns the value of Sec-WebSocket-Accept for a request.
func acceptFor(r *http.Request) string {
	sum := sha1.Sum([]byte(r.Header.Get("Sec-Websocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

const accepted = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n"

func TestResponses(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want error // ErrBadHandshake has a response with it
	}{
		"good":                     {accepted + "\r\n", nil},
		"after interim responses":  {"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + accepted + "\r\n", nil},
		"status":                   {"HTTP/1.1 403 No\r\nX: %s\r\nContent-Length: 2\r\n\r\nno", websocket.ErrBadHandshake},
		"another key":              {strings.Replace(accepted, "%s", "%.0sAAAA", 1) + "\r\n", websocket.ErrBadHandshake},
		"more than websocket":      {strings.Replace(accepted, ": websocket", ": foo, websocket", 1) + "\r\n", websocket.ErrBadHandshake},
		"no upgrade":               {strings.Replace(accepted, "Connection: Upgrade", "Connection: close", 1) + "\r\n", websocket.ErrBadHandshake},
		"unasked subprotocol":      {accepted + "Sec-WebSocket-Protocol: own\r\n\r\n", websocket.ErrBadHandshake},
		"unasked extension":        {accepted + "Sec-WebSocket-Extensions: own\r\n\r\n", websocket.ErrBadHandshake},
		"cut":                      {"HTTP/1.1 101 %.1s", nil},
		"head without an end":      {accepted + "A: " + strings.Repeat("a", 70<<10), nil},
		"interim, without an end ": {strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 17) + "%.0s", nil},
	} {
		addr := answering(t, test.text)
		d := websocket.Dialer{HandshakeTimeout: time.Minute}
		if name == "cut" || strings.Contains(name, "without an end") {
			d.NetDial = func(network, addr string) (net.Conn, error) {
				conn, err := net.Dial(network, addr)
				return halfClosed{conn}, err
			}
		}
		c, resp, err := d.Dial("ws://"+addr, nil)
		switch good := name == "good" || strings.HasPrefix(name, "after"); {
		case good && (err != nil || resp.StatusCode != 101):
			t.Errorf("%s: %v", name, err)
		case good:
			c.Close()
		case err == nil || test.want != nil && (err != test.want || resp == nil):
			t.Errorf("%s: %v, %v", name, resp, err)
		}
		if name == "status" {
			if b, err := io.ReadAll(resp.Body); string(b) != "no" || err != nil {
				t.Errorf("body %q, %v", b, err)
			}
		}
	}
}

// halfClosed ends what the server hears once it has the request: it ends in return.
type halfClosed struct{ net.Conn }

func (c halfClosed) Write(p []byte) (int, error) {
	defer c.Conn.(*net.TCPConn).CloseWrite()
	return c.Conn.Write(p)
}

// TestFramesRightAfterTheResponse are received, and the net.Conn is the one that was
// dialled.
func TestFramesRightAfterTheResponse(t *testing.T) {
	addr := answering(t, accepted+"\r\n\x81\x05early\x81\x01x")
	c := dial(t, &websocket.Dialer{}, "ws://"+addr)
	for _, want := range []string{"early", "x"} {
		if _, p, err := c.ReadMessage(); string(p) != want || err != nil {
			t.Errorf("%q, %v", p, err)
		}
	}
	if _, ok := c.NetConn().(*net.TCPConn); !ok || c.UnderlyingConn() != c.NetConn() {
		t.Errorf("%T", c.NetConn())
	}
	if c.RemoteAddr().String() != addr || c.LocalAddr() == nil {
		t.Error(c.RemoteAddr(), c.LocalAddr())
	}
}

// TestServersThatTakeOver: an answer without server_no_context_takeover is fine.
func TestServersThatTakeOver(t *testing.T) {
	for _, parameters := range []string{"", "; client_no_context_takeover", "; server_no_context_takeover; client_no_context_takeover"} {
		// "Hello" twice; the second one refers to the first: RFC 7692, section 7.2.3.2.
		frames := "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00"
		if strings.Contains(parameters, "server") {
			frames = strings.Repeat("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", 2)
		}
		addr := answering(t, accepted+"Sec-WebSocket-Extensions: permessage-deflate"+parameters+"\r\n\r\n"+frames)
		c := dial(t, &websocket.Dialer{EnableCompression: true}, "ws://"+addr)
		for range 2 {
			if _, p, err := c.ReadMessage(); string(p) != "Hello" || err != nil {
				t.Errorf("%q: %q, %v", parameters, p, err)
			}
		}
	}
}

func TestRequests(t *testing.T) {
	requests := make(chan *http.Request, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r
		c, err := new(websocket.Upgrader).Upgrade(w, r, http.Header{"Set-Cookie": {"new=1"}})
		if err == nil {
			c.Close()
		}
	}))
	defer s.Close()
	u, _ := url.Parse(s.URL)
	jar, _ := cookiejar.New(nil)
	jar.SetCookies(u, []*http.Cookie{{Name: "old", Value: "1"}})
	d := websocket.Dialer{Jar: jar, EnableCompression: true}
	c, _, err := d.Dial("ws://"+u.Host+"/a%20b?c=d#fragment", http.Header{"Host": {"own.example"}, "X-Own": {"1", "2"}, "Sec-Websocket-Protocol": {"p, q"}})
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	r := <-requests
	if r.Host != "own.example" || r.RequestURI != "/a%20b?c=d" || !slices.Equal(r.Header["X-Own"], []string{"1", "2"}) ||
		!slices.Equal(websocket.Subprotocols(r), []string{"p", "q"}) || r.Header.Get("Cookie") != "old=1" {
		t.Errorf("%s %s %v", r.Host, r.RequestURI, r.Header)
	}
	if cookies := jar.Cookies(u); len(cookies) != 2 {
		t.Errorf("%v", cookies)
	}
	for _, bad := range []string{"http://" + u.Host, "ws://user@" + u.Host, "ws://%", ""} {
		if _, _, err := d.Dial(bad, nil); err == nil {
			t.Errorf("%q", bad)
		}
	}
	d.Subprotocols = []string{"p"}
	for _, field := range []string{"Upgrade", "Connection", "Sec-Websocket-Key", "Sec-Websocket-Version", "Sec-Websocket-Extensions", "Sec-Websocket-Protocol"} {
		if _, _, err := d.Dial("ws://"+u.Host, http.Header{field: {"x"}}); err == nil {
			t.Errorf("%s may be set", field)
		}
	}
}

// tunnelling is a proxy that takes CONNECT, and connects to a server of its own.
func tunnelling(t *testing.T, handler http.Handler) (s *httptest.Server, asked chan *http.Request) {
	asked = make(chan *http.Request, 1)
	target := httptest.NewServer(handler)
	t.Cleanup(target.Close)
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		to, err := net.Dial("tcp", target.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		defer to.Close()
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		go func() {
			io.Copy(to, conn)
			to.Close()
		}()
		io.Copy(conn, to)
	}))
	t.Cleanup(s.Close)
	return s, asked
}

func TestProxies(t *testing.T) {
	s, asked := tunnelling(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := new(websocket.Upgrader).Upgrade(w, r, nil); err == nil {
			c.Close()
		}
	}))
	d := websocket.Dialer{Proxy: func(r *http.Request) (*url.URL, error) {
		if r.URL.Scheme != "http" || r.URL.Path != "/chat" {
			t.Errorf("asked about %v", r.URL)
		}
		u, err := url.Parse(s.URL)
		u.User = url.UserPassword("me", "secret")
		return u, err
	}}
	c, _, err := d.Dial("ws://example.com/chat", nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if r := <-asked; r.RequestURI != "example.com:80" || r.Header.Get("Proxy-Authorization") != "Basic bWU6c2VjcmV0" {
		t.Errorf("%s %v", r.RequestURI, r.Header)
	}
	failure := errors.New("no")
	d.Proxy = func(*http.Request) (*url.URL, error) { return nil, failure }
	if _, _, err := d.Dial("ws://example.com/chat", nil); err != failure {
		t.Error(err)
	}
	d.Proxy = http.ProxyURL(&url.URL{Scheme: "gopher", Host: "x"})
	_, _, err = d.Dial("ws://example.com/chat", nil)
	if _, ok := errors.AsType[*ws.ProxyError](err); !ok {
		t.Error(err)
	}
}

func TestTLSAndItsDialFunctions(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := new(websocket.Upgrader).Upgrade(w, r, nil); err == nil {
			c.Close()
		}
	}))
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	config := &tls.Config{RootCAs: roots, NextProtos: []string{"h2", "http/1.1"}}
	target := "wss" + strings.TrimPrefix(s.URL, "https")
	never := func(string, string) (net.Conn, error) { return nil, errors.New("called") }
	context_ := func(ctx context.Context, network, addr string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	for name, d := range map[string]websocket.Dialer{
		"TLSClientConfig":   {TLSClientConfig: config},
		"NetDialContext":    {TLSClientConfig: config, NetDial: never, NetDialContext: context_},
		"NetDial":           {TLSClientConfig: config, NetDial: net.Dial},
		"NetDialTLSContext": {NetDial: never, NetDialTLSContext: (&tls.Dialer{Config: config}).DialContext},
	} {
		c, _, err := d.Dial(target, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c.Close()
	}
	if _, _, err := new(websocket.Dialer).Dial(target, nil); err == nil {
		t.Error("a certificate that nobody knows")
	}
	if config.ServerName != "" || len(config.NextProtos) != 2 {
		t.Error("the configuration was changed")
	}
}

func TestTraceIsTold(t *testing.T) {
	var told []string
	trace := &httptrace.ClientTrace{
		GetConn:              func(addr string) { told = append(told, "GetConn") },
		ConnectDone:          func(string, string, error) { told = append(told, "ConnectDone") },
		GotConn:              func(httptrace.GotConnInfo) { told = append(told, "GotConn") },
		WroteHeaders:         func() { told = append(told, "WroteHeaders") },
		WroteRequest:         func(httptrace.WroteRequestInfo) { told = append(told, "WroteRequest") },
		GotFirstResponseByte: func() { told = append(told, "GotFirstResponseByte") },
	}
	url := serve(t, &websocket.Upgrader{}, func(*websocket.Conn) {})
	c, _, err := new(websocket.Dialer).DialContext(httptrace.WithClientTrace(t.Context(), trace), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if want := []string{"GetConn", "ConnectDone", "GotConn", "WroteHeaders", "WroteRequest", "GotFirstResponseByte"}; !slices.Equal(told, want) {
		t.Errorf("%q", told)
	}
}

func TestTheContextEndsDialling(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // that never answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		http.ReadRequest(bufio.NewReader(conn))
		cancel()
	}()
	if _, _, err := new(websocket.Dialer).DialContext(ctx, "ws://"+l.Addr().String(), nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	d := websocket.Dialer{HandshakeTimeout: -1}
	if _, _, err := d.Dial("ws://"+l.Addr().String(), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestNewClientAndANilDialer(t *testing.T) {
	target := serve(t, &websocket.Upgrader{}, func(*websocket.Conn) {})
	u, _ := url.Parse(target)
	conn := connect(t, u.Host)
	c, _, err := websocket.NewClient(conn, u, nil, 0, 0)
	if err != nil || c.NetConn() != conn {
		t.Errorf("%v", err)
	}
	var none *websocket.Dialer
	if c, _, err = none.Dial(target, nil); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if c, _, err = websocket.DefaultDialer.Dial(target, nil); err != nil {
		t.Fatal(err)
	}
	c.Close()
}

func TestRequestHeaderSpeltAsInTheRFC(t *testing.T) {
	url := serve(t, &websocket.Upgrader{Subprotocols: []string{"b"}}, func(*websocket.Conn) {})
	for _, header := range []http.Header{
		{"Sec-WebSocket-Protocol": {"a, b"}}, {"sec-websocket-protocol": {"b"}},
		{"Sec-WebSocket-Protocol": {"b"}, "Sec-WebSocket-Version": {"13"}},
	} {
		c, _, err := new(websocket.Dialer).Dial(url, header)
		if err != nil {
			t.Errorf("%q: %v", header, err)
			continue
		}
		if got := c.Subprotocol(); got != "b" {
			t.Errorf("%q: %q", header, got)
		}
		c.Close()
	}
}

// Programs that cannot set other fields, those in browsers among them, put tokens of
// authorization among the subprotocols, and not all of those are tokens of HTTP.
func TestSubprotocolsThatAreNoTokens(t *testing.T) {
	url := serve(t, &websocket.Upgrader{Subprotocols: []string{"b"}}, func(*websocket.Conn) {})
	for _, asked := range [][]string{{"b", "c2VjcmV0=="}, {"Bearer a/b", "b"}, {"a, b"}, {"b", ""}, {"b", "b"}} {
		for _, header := range []http.Header{nil, {"Sec-Websocket-Protocol": {strings.Join(asked, ", ")}}} {
			d := websocket.Dialer{Subprotocols: asked}
			if header != nil {
				d.Subprotocols = nil
			}
			c, _, err := d.Dial(url, header)
			if err != nil {
				t.Errorf("%q, %q: %v", asked, header, err)
				continue
			}
			if got := c.Subprotocol(); got != "b" {
				t.Errorf("%q: %q", asked, got)
			}
			c.Close()
		}
	}
}

// As net/http does, the original has a net.Error for whatever comes too late.
func TestTimeoutOfDiallingIsANetError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for range 20 {
		d := websocket.Dialer{HandshakeTimeout: 10 * time.Millisecond}
		_, _, err := d.Dial("ws://"+l.Addr().String(), nil)
		if e, ok := err.(net.Error); !ok || !e.Timeout() || !os.IsTimeout(err) {
			t.Fatalf("%T: %v", err, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		_, _, err = new(websocket.Dialer).DialContext(ctx, "ws://"+l.Addr().String(), nil)
		cancel()
		if e, ok := err.(net.Error); !ok || !e.Timeout() || !os.IsTimeout(err) {
			t.Fatalf("%T: %v", err, err)
		}
	}
}

func TestBodyOfARefusalThatComesLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, peer := net.Pipe()
		defer peer.Close()
		go func() {
			if _, err := http.ReadRequest(bufio.NewReader(peer)); err != nil {
				t.Error(err)
			}
			io.WriteString(peer, "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\n")
			time.Sleep(10 * time.Second)
			io.WriteString(peer, "late")
		}()
		d := websocket.Dialer{HandshakeTimeout: 20 * time.Second, NetDial: func(string, string) (net.Conn, error) { return conn, nil }}
		_, resp, err := d.Dial("ws://server.example.com", nil)
		if !errors.Is(err, websocket.ErrBadHandshake) {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(resp.Body); string(b) != "late" || err != nil {
			t.Errorf("%q, %v", b, err)
		}
	})
}
