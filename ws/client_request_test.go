package ws_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// requestOf returns the request of d for a URL as net/http reads it.
func requestOf(t testing.TB, d *ws.Dialer, u string) *http.Request {
	t.Helper()
	c := ws.ClientHandshake{Dialer: d}
	b, err := c.AppendRequest([]byte(dstText), mustURL(u))
	if err != nil {
		t.Fatalf("%s: %v", u, err)
	}
	if !bytes.HasPrefix(b, []byte(dstText+"GET ")) {
		t.Fatalf("got %q", b)
	}
	br := bufio.NewReader(bytes.NewReader(b[len(dstText):]))
	r, err := http.ReadRequest(br)
	if err != nil || br.Buffered() > 0 {
		t.Fatalf("%q: %v", b, err)
	}
	return r
}

// RFC 6455, 4.1, items 1 to 9 of the request.
func TestAppendRequestSaysWhatTheRFCDemands(t *testing.T) {
	r := requestOf(t, nil, "ws://server.example.com/chat?x=1")
	want := http.Header{
		"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key": r.Header["Sec-Websocket-Key"],
	}
	if r.Method != "GET" || r.Proto != "HTTP/1.1" || r.RequestURI != "/chat?x=1" || r.Host != "server.example.com" {
		t.Errorf("got %+v", r)
	}
	if !reflect.DeepEqual(r.Header, want) || len(r.Header.Get("Sec-WebSocket-Key")) != 24 {
		t.Errorf("got %v", r.Header)
	}
	// Item 7: "The nonce MUST be selected randomly for each connection."
	if again := requestOf(t, nil, "ws://h/"); again.Header.Get("Sec-WebSocket-Key") == r.Header.Get("Sec-WebSocket-Key") {
		t.Error("the key repeats")
	}
	var s ws.ServerHandshake
	c := ws.ClientHandshake{}
	b, _ := c.AppendRequest(nil, mustURL("ws://h/"))
	if _, _, _, err := s.Next(nil, b); err != nil {
		t.Errorf("our own server: %v", err)
	}
}

func TestAppendRequestTakesHostAndTargetFromTheURL(t *testing.T) {
	for _, c := range []struct{ url, host, target string }{
		{"ws://h", "h", "/"},
		{"ws://h?", "h", "/?"},
		{"ws://h?a=b", "h", "/?a=b"},
		{"ws://h/a%20b/%2F?c%20d", "h", "/a%20b/%2F?c%20d"},
		{"ws://h/é", "h", "/%C3%A9"},
		{"ws://h//x", "h", "//x"},
		{"ws://h/#", "h", "/"},
		{"ws://h:80/", "h", "/"},
		{"ws://h:443/", "h:443", "/"},
		{"wss://h:443/", "h", "/"},
		{"wss://h:80/", "h:80", "/"},
		{"http://h:80/", "h", "/"},
		{"https://h:443/", "h", "/"},
		{"W29://h/", "h", "/"},
		{"ws://h:/p", "h", "/p"},
		{"ws://[::1]/", "[::1]", "/"},
		{"ws://[::1]:80/", "[::1]", "/"},
		{"ws://[::1]:81/", "[::1]:81", "/"},
		{"ws://[fe80::1%25eth0]:81/", "[fe80::1]:81", "/"},
		{"ws://[fe80::1%25eth0]/", "[fe80::1]", "/"},
		{"ws://H.Example/", "H.Example", "/"},
	} {
		u := strings.Replace(c.url, "W29:", "ws:", 1)
		if r := requestOf(t, nil, u); r.Host != c.host || r.RequestURI != c.target {
			t.Errorf("%s: got %q %q, want %q %q", c.url, r.Host, r.RequestURI, c.host, c.target)
		}
	}
}

// W29: userinfo becomes Basic authentication, unless the caller has his own.
func TestAppendRequestW29SendsUserinfo(t *testing.T) {
	r := requestOf(t, nil, "ws://us%20er:pass:w%C3%B6rd@h/")
	if user, pass, ok := r.BasicAuth(); !ok || user != "us er" || pass != "pass:wörd" || r.Host != "h" {
		t.Errorf("got %q %q %v, host %q", user, pass, ok, r.Host)
	}
	if user, pass, ok := requestOf(t, nil, "ws://me@h/").BasicAuth(); !ok || user != "me" || pass != "" {
		t.Errorf("got %q %q %v", user, pass, ok)
	}
	own := &ws.Dialer{Header: ws.HandshakeHeaderString("authorization: Bearer x\r\n")}
	if got := requestOf(t, own, "ws://me@h/").Header["Authorization"]; len(got) != 1 || got[0] != "Bearer x" {
		t.Errorf("got %q", got)
	}
}

func TestAppendRequestSendsWhatTheDialerAsksFor(t *testing.T) {
	d := &ws.Dialer{
		Protocols:  []string{"a", "b"},
		Extensions: []httphead.Option{httphead.NewOption("x", map[string]string{"p": "1"}), httphead.NewOption("y", map[string]string{"q": ""})},
		Header:     ws.HandshakeHeaderHTTP{"Origin": {"http://page"}, "X": {"1", "2"}},
	}
	h := requestOf(t, d, "ws://h/").Header
	if h.Get("Sec-WebSocket-Protocol") != "a, b" || h.Get("Sec-WebSocket-Extensions") != "x; p=1, y; q" {
		t.Errorf("got %v", h)
	}
	if h.Get("Origin") != "http://page" || len(h["X"]) != 2 {
		t.Errorf("got %v", h)
	}
}

// #188, #204: Host appears once, whoever says it.
func TestAppendRequestIssue204SendsOneHost(t *testing.T) {
	for name, c := range map[string]struct {
		d    ws.Dialer
		want string
	}{
		"#188, #196: Dialer.Host": {ws.Dialer{Host: "other:81"}, "other:81"},
		"#204: in the header":     {ws.Dialer{Header: ws.HandshakeHeaderString("host: other\r\nX: y\r\n")}, "other"},
		"both":                    {ws.Dialer{Host: "a", Header: ws.HandshakeHeaderString("Host: b\r\n")}, "a"},
		"by http.Header":          {ws.Dialer{Header: ws.HandshakeHeaderHTTP{"Host": {"other"}}}, "other"},
	} {
		ch := ws.ClientHandshake{Dialer: &c.d}
		b, err := ch.AppendRequest(nil, mustURL("ws://h/"))
		if err != nil || strings.Count(strings.ToLower(string(b)), "\r\nhost:") != 1 || !strings.Contains(string(b), "\r\nHost: "+c.want+"\r\n") {
			t.Errorf("%s: got %q, %v", name, b, err)
		}
	}
}

// W30: nothing can be injected, and nothing that breaks the rules is sent.
func TestAppendRequestW30RefusesWhatItCannotSend(t *testing.T) {
	const crlf = "x\r\nX: y"
	header := func(s string) ws.Dialer { return ws.Dialer{Header: ws.HandshakeHeaderString(s)} }
	root := url.URL{Scheme: "ws", Host: "h", Path: "/"}
	with := func(change func(u *url.URL)) url.URL { u := root; change(&u); return u }
	cases := []struct {
		name string
		d    ws.Dialer
		u    url.URL
		part string
	}{
		{"W30: protocol", ws.Dialer{Protocols: []string{crlf}}, root, "subprotocol"},
		{"W30: protocol with a comma", ws.Dialer{Protocols: []string{"a,b"}}, root, "subprotocol"},
		{"W30: empty protocol", ws.Dialer{Protocols: []string{""}}, root, "subprotocol"},
		{"W30: protocol twice", ws.Dialer{Protocols: []string{"a", "b", "a"}}, root, "subprotocol"},
		{"W30 #188 #196: Host with CRLF", ws.Dialer{Host: crlf}, root, "host"},
		{"W30: Host with a space", ws.Dialer{Host: "a b"}, root, "host"},
		{"W30: Host with userinfo", ws.Dialer{Host: "a@b"}, root, "host"},
		{"W30: Host in the header", header("Host: a b\r\n"), root, "host"},
		{"W30: two Hosts in the header", header("Host: a\r\nHost: b\r\n"), root, "host"},
		{"W30: header without CRLF", header("A: b"), root, "header"},
		{"W30: header with the end", header("A: b\r\n\r\nGET / HTTP/1.1\r\n"), root, "header"},
		{"W30: header with LF", header("A: b\nC: d\r\n"), root, "header"},
		{"W30: folded header", header("A: b\r\n c\r\n"), root, "header"},
		{"W30: Upgrade", header("upgrade: h2c\r\n"), root, "header"},
		{"W30: Connection", header("Connection: close\r\n"), root, "header"},
		{"W30: key", header("Sec-WebSocket-Key: x\r\n"), root, "header"},
		{"W30: version", header("Sec-WebSocket-Version: 8\r\n"), root, "header"},
		{"W30: protocols", header("Sec-WebSocket-Protocol: a\r\n"), root, "header"},
		{"W30: extensions", header("Sec-WebSocket-Extensions: a\r\n"), root, "header"},
		{"W30: body", header("Content-Length: 1\r\n"), root, "header"},
		{"W30: chunks", header("Transfer-Encoding: chunked\r\n"), root, "header"},
		{"W30: host of the URL", ws.Dialer{}, with(func(u *url.URL) { u.Host = crlf }), "host"},
		{"W30: host of the URL with a percent", ws.Dialer{}, with(func(u *url.URL) { u.Host = "a%b" }), "host"},
		{"W30: no host", ws.Dialer{}, with(func(u *url.URL) { u.Host = "" }), "host"},
		{"W30: query with CRLF", ws.Dialer{}, with(func(u *url.URL) { u.RawQuery = crlf }), "URL"},
		{"W30: query with a space", ws.Dialer{}, with(func(u *url.URL) { u.RawQuery = "a b" }), "URL"},
		{"W30: opaque", ws.Dialer{}, with(func(u *url.URL) { u.Opaque = "//h/x" }), "URL"},
		{"W30: opaque with CRLF", ws.Dialer{}, with(func(u *url.URL) { u.Opaque = crlf }), "URL"},
		{"W30: relative path", ws.Dialer{}, with(func(u *url.URL) { u.Path = "x" }), "URL"},
		{"W29: fragment", ws.Dialer{}, with(func(u *url.URL) { u.Fragment = "f" }), "URL fragment"},
		{"W29: fragment in the query", ws.Dialer{}, with(func(u *url.URL) { u.RawQuery = "a#f" }), "URL fragment"},
		{"W29: colon in the user name", ws.Dialer{}, with(func(u *url.URL) { u.User = url.User("a:b") }), "user name"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ch := ws.ClientHandshake{Dialer: &c.d}
			b, err := ch.AppendRequest([]byte(dstText), &c.u)
			var r *ws.RequestError
			if !errors.As(err, &r) || string(b) != dstText {
				t.Fatalf("got %q, %v", b, err)
			}
			if r.Part != c.part || !strings.HasPrefix(err.Error(), "ws: cannot send "+c.part) || len(r.Value) > 64 {
				t.Errorf("got %v, want part %q", err, c.part)
			}
			// Nothing is written either.
			conn := wstest.NewConn()
			if _, _, err = c.d.Upgrade(conn, &c.u); !errors.As(err, &r) || conn.Writes != 0 {
				t.Errorf("Upgrade: got %v after %d writes", err, conn.Writes)
			}
		})
	}
	// A path is escaped, not refused.
	ch := ws.ClientHandshake{}
	u := with(func(u *url.URL) { u.Path = "/" + crlf })
	if b, err := ch.AppendRequest(nil, &u); err != nil || !bytes.HasPrefix(b, []byte("GET /x%0D%0AX:%20y HTTP/1.1\r\n")) {
		t.Errorf("got %q, %v", b, err)
	}
	failure := errors.New("no header today")
	failing := ws.Dialer{Header: ws.HandshakeHeaderFunc(func(io.Writer) (int64, error) { return 0, failure })}
	ch = ws.ClientHandshake{Dialer: &failing}
	if b, err := ch.AppendRequest([]byte(dstText), &root); err != failure || string(b) != dstText {
		t.Errorf("got %q, %v", b, err)
	}
}

// RFC 3987, 3.1: what is not ASCII is percent-encoded in a query. A host would
// need the tables of IDNA.
func TestAppendRequestInOtherScripts(t *testing.T) {
	u, err := url.Parse("ws://h/ü?q=ü&r=%C3%BC&s=\xff")
	if err != nil {
		t.Fatal(err)
	}
	ch := ws.ClientHandshake{}
	if b, err := ch.AppendRequest(nil, u); err != nil || !bytes.HasPrefix(b, []byte("GET /%C3%BC?q=%C3%BC&r=%C3%BC&s=%FF HTTP/1.1\r\n")) {
		t.Errorf("got %q, %v", b, err)
	}
	u.Host = "bücher.example"
	_, err = ch.AppendRequest(nil, u)
	r, ok := errors.AsType[*ws.RequestError](err)
	if !ok || r.Part != "host" || r.Value != "bücher.example" || !strings.Contains(err.Error(), "golang.org/x/net/idna") {
		t.Errorf("got %v", err)
	}
}
