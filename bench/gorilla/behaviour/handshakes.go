package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// request sends a request by hand to a server with u, and says what Upgrade and the
// client get.
func request(name string, u websocket.Upgrader, header http.Header, method, fields string) {
	results := make(chan []any, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := u.Upgrade(w, r, header)
		if err == nil {
			defer c.Close()
			results <- []any{"subprotocol", c.Subprotocol()}
			return
		}
		results <- []any{err}
	}))
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "%s / HTTP/1.1\r\nHost: example.com:80\r\n%s\r\n", method, fields)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		say(name, append(<-results, "no response")...)
		return
	}
	got := append(<-results, resp.StatusCode, resp.Header.Get("Sec-Websocket-Accept"), resp.Header.Get("Sec-Websocket-Protocol"), resp.Header.Get("Sec-Websocket-Extensions"), resp.Header.Get("X-Own"))
	say(name, got...)
}

const good = "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

func upgrader(name string) {
	without := func(part string) string { return strings.Replace(good, part, "", 1) }
	request(name, websocket.Upgrader{}, http.Header{"X-Own": {"yes"}}, "GET", good)
	for _, bad := range []string{
		without("Upgrade: websocket\r\n"), without(", Upgrade"), without("dGhlIHNhbXBsZSBub25jZQ=="), strings.Replace(good, "dGhl", "dG", 1), "",
	} {
		request(name, websocket.Upgrader{}, nil, "GET", bad)
	}
	request(name, websocket.Upgrader{}, nil, "PUT", good+"Content-Length: 0\r\n")
	for _, origin := range []string{"http://example.com:80", "https://EXAMPLE.com:80", "http://example.com", "http://other.com", "null", "http://example.com:80:80"} {
		request(name, websocket.Upgrader{}, nil, "GET", good+"Origin: "+origin+"\r\n")
	}
	no := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return false }}
	request(name, no, nil, "GET", good)
	no.CheckOrigin = func(*http.Request) bool { return true }
	request(name, no, nil, "GET", good+"Origin: http://other.com\r\n")
	own := websocket.Upgrader{Error: func(w http.ResponseWriter, r *http.Request, status int, reason error) {
		fmt.Println("Error", status, kind(reason))
		http.Error(w, "own", http.StatusTeapot)
	}}
	request(name, own, nil, "GET", without(", Upgrade"))
	asks := good + "Sec-WebSocket-Protocol: a, b\r\n"
	for _, protocols := range [][]string{nil, {}, {"b"}, {"c", "b", "a"}, {"c"}} {
		request(name, websocket.Upgrader{Subprotocols: protocols}, http.Header{"Sec-Websocket-Protocol": {"a"}}, "GET", asks)
	}
	request(name, websocket.Upgrader{Subprotocols: []string{"b"}}, nil, "GET", good+"Sec-WebSocket-Protocol: Bearer x, c2VjcmV0==, b\r\n")
	request(name, websocket.Upgrader{}, http.Header{"X-Own": {"a\x01b\x1fc"}}, "GET", good)
	request(name, websocket.Upgrader{}, http.Header{"Sec-Websocket-Extensions": {"a"}}, "GET", good)
	for _, offer := range []string{"permessage-deflate", "permessage-deflate; client_max_window_bits", "other", "other, permessage-deflate; server_no_context_takeover"} {
		for _, enable := range []bool{false, true} {
			request(name, websocket.Upgrader{EnableCompression: enable}, nil, "GET", good+"Sec-WebSocket-Extensions: "+offer+"\r\n")
		}
	}
	w := httptest.NewRecorder()
	_, err := new(websocket.Upgrader).Upgrade(w, handMade(), nil)
	say(name, "no hijacker", err, w.Code)
	w = httptest.NewRecorder()
	//lint:ignore SA1019 what it does is compared too
	_, err = websocket.Upgrade(w, httptest.NewRequest("GET", "/", nil), nil, 0, 0)
	say(name, "deprecated", err, w.Code)
	say(name, websocket.Subprotocols(handMade()), websocket.IsWebSocketUpgrade(handMade()), websocket.IsWebSocketUpgrade(httptest.NewRequest("GET", "/", nil)))
}

func handMade() *http.Request {
	r := httptest.NewRequest("GET", "http://example.com/", nil)
	for line := range strings.SplitSeq(strings.TrimSuffix(good, "\r\n"), "\r\n") {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	r.Header.Set("Sec-Websocket-Protocol", " x ,y")
	return r
}

func dialer(name string) {
	var seen http.Header
	var host, target string
	u := websocket.Upgrader{Subprotocols: []string{"p"}, CheckOrigin: func(*http.Request) bool { return true }}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen, host, target = r.Header, r.Host, r.RequestURI
		if r.URL.Path == "/no" {
			w.Header().Set("X-Own", "yes")
			http.Error(w, strings.Repeat("a", 2000), http.StatusTeapot)
			return
		}
		if c, err := u.Upgrade(w, r, http.Header{"Set-Cookie": {"c=d"}}); err == nil {
			c.WriteMessage(websocket.TextMessage, []byte("first"))
			c.Close()
		}
	}))
	defer s.Close()
	base := "ws" + strings.TrimPrefix(s.URL, "http")
	jar, _ := cookiejar.New(nil)
	d := websocket.Dialer{Subprotocols: []string{"q", "p"}, Jar: jar, HandshakeTimeout: 20 * time.Second}
	c, resp, err := d.Dial(base+"/a?b=%2f", http.Header{"Host": {"own.example"}, "X-Own": {"1", "2"}, "Origin": {"http://x"}})
	say(name, err, resp.StatusCode, c.Subprotocol(), host, target, seen["X-Own"], seen["Origin"], seen["Sec-Websocket-Protocol"], seen["Sec-Websocket-Version"], seen["User-Agent"])
	_, isTCP := c.NetConn().(*net.TCPConn)
	typ, b, err := c.ReadMessage()
	body, _ := io.ReadAll(resp.Body)
	say(name, isTCP, typ, string(b), err, len(body), c.NetConn() == c.UnderlyingConn(), c.RemoteAddr().String() == s.Listener.Addr().String())
	httpURL, _ := url.Parse(s.URL)
	say(name, jar.Cookies(httpURL))
	_, _, err = d.Dial(base, nil)
	say(name, err, seen["Cookie"])
	_, resp, err = d.Dial(base+"/no", nil)
	body, _ = io.ReadAll(resp.Body)
	say(name, err, resp.StatusCode, len(body), resp.Header.Get("X-Own"))
	for _, bad := range []string{"http://a", "ws://user@a", "://"} {
		c, resp, err = d.Dial(bad, nil)
		say(name, c == nil, resp == nil, err)
	}
	for _, field := range []string{"Upgrade", "Connection", "Sec-Websocket-Key", "Sec-Websocket-Version", "Sec-Websocket-Extensions", "Sec-Websocket-Protocol"} {
		_, _, err = d.Dial(base, http.Header{field: {"p"}})
		say(name, field, err)
	}
	d.Subprotocols = nil
	c, _, err = d.Dial(base, http.Header{"Sec-Websocket-Protocol": {"r, p"}})
	say(name, err, c.Subprotocol(), seen["Sec-Websocket-Protocol"])
	failure := errors.New("no")
	d.Proxy = func(r *http.Request) (*url.URL, error) {
		fmt.Println("proxy for", r.URL.Scheme, r.URL.Path)
		return nil, failure
	}
	_, _, err = d.Dial(base+"/x", nil)
	say(name, err == failure)
	d = websocket.Dialer{NetDial: func(network, addr string) (net.Conn, error) {
		fmt.Println("NetDial", network, addr)
		return nil, failure
	}}
	_, _, err = d.Dial("ws://example.com", nil)
	say(name, err == failure)
	_, _, err = d.Dial("wss://example.com:1", nil)
	say(name, err == failure)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _, err = new(websocket.Dialer).DialContext(ctx, base, nil)
	say(name, err != nil)
	conn, _ := net.Dial("tcp", httpURL.Host)
	target2, _ := url.Parse(base + "/old")
	//lint:ignore SA1019 what it does is compared too
	c, _, err = websocket.NewClient(conn, target2, nil, 0, 0)
	say(name, err, target, c.NetConn() == conn)
	var none *websocket.Dialer
	_, _, err = none.Dial(base, nil)
	say(name, err)
}
