package ws_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// parseUpgrade lets net/http judge a 101.
func parseUpgrade(t testing.TB, b []byte) http.Header {
	t.Helper()
	resp, _ := parseResponse(t, b)
	if resp.StatusCode != 101 {
		t.Fatalf("got %q, want a 101", b)
	}
	if got := resp.Header.Get("Sec-WebSocket-Accept"); got != wstest.Accept {
		t.Fatalf("got accept %q, want %q", got, wstest.Accept)
	}
	return resp.Header
}

// upgrade runs u over a request.
func upgrade(u ws.Upgrader, h wstest.Head) (*wstest.Conn, ws.Handshake, error) {
	conn := wstest.NewConn(h.Bytes())
	hs, err := u.Upgrade(conn)
	return conn, hs, err
}

// tracing has every callback note its call, and fail at the one named.
func tracing(calls *[]string, failAt string, failure error) ws.Upgrader {
	note := func(name string, args ...any) error {
		*calls = append(*calls, strings.TrimSpace(name+fmt.Sprintf(strings.Repeat(" %s", len(args)), args...)))
		if name == failAt {
			return failure
		}
		return nil
	}
	return ws.Upgrader{
		Origin:      func(origin, host []byte) bool { return note("Origin", origin, host) == nil },
		OnHandshake: func(r httpx.Request) error { return note("OnHandshake", r.Method, r.Target) },
		OnRequest:   func(uri []byte) error { return note("OnRequest", uri) },
		OnHost:      func(host []byte) error { return note("OnHost", host) },
		OnHeader:    func(k, v []byte) error { return note("OnHeader", k, v) },
		Protocol:    func(p []byte) bool { note("Protocol", p); return string(p) == "b" },
		Negotiate: func(o httphead.Option) (httphead.Option, error) {
			return httphead.Option{}, note("Negotiate", o.Name)
		},
		OnBeforeUpgrade: func() (ws.HandshakeHeader, error) { return nil, note("OnBeforeUpgrade") },
	}
}

var callbackRequest = good.With(
	"Sec-WebSocket-Extensions: x, y",
	"origin: http://page",
	"Sec-WebSocket-Protocol: a, b, c",
	"COOKIE: a=1",
	"x-fORWARDED-for: ::1",
)

func TestCallbacksAreCalledInOrder(t *testing.T) {
	var calls []string
	_, hs, err := upgrade(tracing(&calls, "", nil), callbackRequest)
	want := []string{
		"Origin http://page server.example.com",
		"OnHandshake GET /chat",
		"OnRequest /chat",
		"OnHost server.example.com",
		"OnHeader Origin http://page",
		"OnHeader Cookie a=1",
		"OnHeader X-Forwarded-For ::1",
		"Protocol a", "Protocol b",
		"Negotiate x", "Negotiate y",
		"OnBeforeUpgrade",
	}
	if err != nil || hs.Protocol != "b" || !slices.Equal(calls, want) {
		t.Errorf("got %q, %+v, %v, want %q", calls, hs, err, want)
	}
}

func TestCallbacksEndTheHandshakeWithTheFirstError(t *testing.T) {
	plain := errors.New("not today")
	rejection := ws.RejectConnectionError(
		ws.RejectionStatus(401), ws.RejectionReason("who are you?"),
		ws.RejectionHeader(ws.HandshakeHeaderString("WWW-Authenticate: Basic\r\n")))
	for _, at := range []string{"OnHandshake", "OnRequest", "OnHost", "OnHeader", "Negotiate", "OnBeforeUpgrade"} {
		for name, c := range map[string]struct {
			err    error
			status int
			body   string
		}{
			"plain":                  {plain, 500, "not today"},
			"rejection":              {rejection, 401, "who are you?"},
			"#136 W32: wrapped":      {fmt.Errorf("db: %w", rejection), 401, "who are you?"},
			"#136 W32: joined":       {errors.Join(plain, rejection), 401, "who are you?"},
			"rejection of no status": {ws.RejectConnectionError(), 500, "Internal Server Error"},
			"status of a success":    {ws.RejectConnectionError(ws.RejectionStatus(101)), 500, "Internal Server Error"},
			"status of no meaning":   {ws.RejectConnectionError(ws.RejectionStatus(599), ws.RejectionReason("x")), 599, "x"},
			"our own rule":           {ws.ErrHandshakeBadOrigin, 403, "handshake error: the Origin policy of this server does not allow this origin"},
		} {
			t.Run(at+" "+name, func(t *testing.T) {
				var calls []string
				conn, hs, err := upgrade(tracing(&calls, at, c.err), callbackRequest)
				if err != c.err || !reflect.DeepEqual(hs, ws.Handshake{}) {
					t.Fatalf("got %+v, %v, want %v", hs, err, c.err)
				}
				if last := calls[len(calls)-1]; !strings.HasPrefix(last, at) {
					t.Errorf("called after the error: %q", calls)
				}
				resp, body := wantRefusal(t, conn.Written, c.status)
				if body != c.body {
					t.Errorf("got body %q, want %q", body, c.body)
				}
				if c.status == 401 && resp.Header.Get("WWW-Authenticate") != "Basic" {
					t.Errorf("got %v", resp.Header)
				}
			})
		}
	}
}

func TestCallbacksW36OriginRefused(t *testing.T) {
	conn, _, err := upgrade(ws.Upgrader{Origin: ws.SameOrigin}, good.With("Origin: http://evil.example"))
	if !errors.Is(err, ws.ErrHandshakeBadOrigin) || rejected(t, err).Value != "http://evil.example" {
		t.Errorf("got %v", err)
	}
	if _, body := wantRefusal(t, conn.Written, 403); strings.Contains(body, "evil") {
		t.Errorf("the response repeats the origin: %q", body)
	}
	if _, _, err = upgrade(ws.Upgrader{}, good.With("Origin: http://evil.example")); err != nil {
		t.Errorf("without a policy: %v", err)
	}
	if _, _, err = upgrade(ws.Upgrader{Origin: ws.SameOrigin}, good); err != nil {
		t.Errorf("without an Origin: %v", err)
	}
	two := good.With("Origin: http://server.example.com", "Origin: http://server.example.com")
	if _, _, err = upgrade(ws.Upgrader{Origin: ws.SameOrigin}, two); !errors.Is(err, ws.ErrHandshakeBadOrigin) {
		t.Errorf("two Origins: %v", err)
	}
}

// Whoever owns the policy says what a page that it does not allow is told.
func TestOnBadOriginMakesTheRefusal(t *testing.T) {
	onBadOrigin := func(origin, host []byte) error {
		return ws.RejectConnectionError(ws.RejectionStatus(404), ws.RejectionReason(string(origin)+" to "+string(host)))
	}
	for _, c := range []struct {
		origins []string
		body    string // of a refusal
	}{
		{nil, ""},
		{[]string{"http://server.example.com"}, ""},
		{[]string{"http://evil.example"}, "http://evil.example to server.example.com"},
		{[]string{""}, " to server.example.com"},
		{[]string{"http://server.example.com", "null"}, "http://server.example.com, null to server.example.com"},
	} {
		h, r := good, goodHTTP()
		for _, o := range c.origins {
			h = h.With("Origin: " + o)
			r.Header.Add("Origin", o)
		}
		conn, _, err := upgrade(ws.Upgrader{Origin: ws.SameOrigin, OnBadOrigin: onBadOrigin}, h)
		w := newHijackable(new(deadlineConn))
		_, _, _, errHTTP := ws.HTTPUpgrader{Origin: ws.SameOrigin, OnBadOrigin: onBadOrigin}.Upgrade(r, w)
		if c.body == "" {
			if err != nil || errHTTP != nil {
				t.Errorf("%q: %v, %v", c.origins, err, errHTTP)
			}
			continue
		}
		if _, body := wantRefusal(t, conn.Written, 404); body != c.body {
			t.Errorf("%q: Upgrader: %q", c.origins, body)
		}
		if w.Code != 404 || w.Body.String() != c.body {
			t.Errorf("%q: HTTPUpgrader: %d %q", c.origins, w.Code, w.Body)
		}
	}
}

func TestOnBadOriginCannotLetAPageIn(t *testing.T) {
	u := ws.Upgrader{Origin: ws.SameOrigin, OnBadOrigin: func(origin, host []byte) error { return nil }}
	conn, _, err := upgrade(u, good.With("Origin: http://evil.example"))
	if !errors.Is(err, ws.ErrHandshakeBadOrigin) {
		t.Errorf("got %v", err)
	}
	wantRefusal(t, conn.Written, 403)
}

// RFC 9112, 3.2.2: the host of an absolute target counts, not Host.
func TestCallbacksSeeTheHostOfAnAbsoluteTarget(t *testing.T) {
	h := good.Replace("Host", "page.example").With("Origin: http://page.example")
	h.Start = "GET http://server.example/ HTTP/1.1"
	var host string
	u := ws.Upgrader{OnHost: func(h []byte) error { host = string(h); return nil }}
	if _, _, err := upgrade(u, h); err != nil || host != "server.example" {
		t.Errorf("got %q, %v", host, err)
	}
	if _, _, err := upgrade(ws.Upgrader{Origin: ws.SameOrigin}, h); !errors.Is(err, ws.ErrHandshakeBadOrigin) {
		t.Errorf("got %v", err)
	}
}

// #31, #34, #203: the request can be had without callbacks.
func TestUpgradeIssue31Issue34Issue203KeepsTheRequest(t *testing.T) {
	in := good.With("Authorization: Bearer abc", "X: 1", "X: 2").Bytes()
	u := ws.Upgrader{KeepRequest: true}
	hs, err := u.Upgrade(wstest.NewConn(in))
	if err != nil {
		t.Fatal(err)
	}
	// Others use the pooled memory now.
	for range 10 {
		ws.Upgrade(wstest.NewConn([]byte(strings.Replace(string(in), "Bearer abc", "ZZZZZZZZZZ", 1))))
	}
	check := func(r *httpx.Request) {
		t.Helper()
		v, _ := r.Fields.First("authorization")
		if string(v) != "Bearer abc" || string(r.Target) != "/chat" || r.Fields.Count("X") != 2 {
			t.Errorf("got %q %q", v, r.Target)
		}
	}
	check(hs.Request)

	s := ws.ServerHandshake{Upgrader: &u}
	_, hs, _, err = s.Next(nil, in)
	if err != nil {
		t.Fatal(err)
	}
	clear(in)
	check(hs.Request)
}

func TestHeadersAreWrittenWhateverTheResponse(t *testing.T) {
	u := ws.Upgrader{Header: ws.HandshakeHeaderString("Server: x\r\n")}
	conn, _, _ := upgrade(u, good)
	if parseUpgrade(t, conn.Written).Get("Server") != "x" {
		t.Errorf("got %q", conn.Written)
	}
	conn, _, _ = upgrade(u, good.Without("Host"))
	if resp, _ := wantRefusal(t, conn.Written, 400); resp.Header.Get("Server") != "x" {
		t.Errorf("got %q", conn.Written)
	}
	u.OnBeforeUpgrade = func() (ws.HandshakeHeader, error) {
		return ws.HandshakeHeaderHTTP{"Set-Cookie": {"a=1", "b=2"}}, nil
	}
	conn, _, _ = upgrade(u, good)
	if h := parseUpgrade(t, conn.Written); h.Get("Server") != "x" || len(h["Set-Cookie"]) != 2 {
		t.Errorf("got %v", h)
	}
}

// badHeaders would break the response that they are put into.
var badHeaders = map[string]ws.HandshakeHeader{
	"two CRLF":          ws.HandshakeHeaderString("A: b\r\n\r\nHTTP/1.1 200 OK\r\n"),
	"no CRLF":           ws.HandshakeHeaderString("A: b"),
	"LF":                ws.HandshakeHeaderBytes("A: b\nC: d\r\n"),
	"NUL":               ws.HandshakeHeaderBytes("A: b\x00\r\n"),
	"name with a space": ws.HandshakeHeaderString("A b: c\r\n"),
	"folded":            ws.HandshakeHeaderString("A: b\r\n c\r\n"),
	"Content-Length":    ws.HandshakeHeaderString("content-length: 7\r\n"),
	"Transfer-Encoding": ws.HandshakeHeaderString("Transfer-Encoding: chunked\r\n"),
	"failing": ws.HandshakeHeaderFunc(func(w io.Writer) (int64, error) {
		n, _ := io.WriteString(w, "A: b\r\n")
		return int64(n), errors.New("no more")
	}),
}

func TestHeadersCannotBreakTheResponse(t *testing.T) {
	for name, h := range badHeaders {
		for where, u := range map[string]ws.Upgrader{
			"Header":          {Header: h},
			"OnBeforeUpgrade": {OnBeforeUpgrade: func() (ws.HandshakeHeader, error) { return h, nil }},
		} {
			conn, _, err := upgrade(u, good)
			if !errors.Is(err, ws.ErrHandshakeBadResponse) {
				t.Errorf("%s of %s: got %v", name, where, err)
			}
			if resp, _ := wantRefusal(t, conn.Written, 500); resp.Header.Get("A") != "" {
				t.Errorf("%s of %s: got %q", name, where, conn.Written)
			}
		}
		reject := ws.Upgrader{OnRequest: func([]byte) error {
			return ws.RejectConnectionError(ws.RejectionStatus(204), ws.RejectionReason("no"), ws.RejectionHeader(h))
		}}
		conn, _, _ := upgrade(reject, good)
		if resp, body := wantRefusal(t, conn.Written, 500); resp.Header.Get("A") != "" || body != "no" {
			t.Errorf("%s of a rejection: got %q", name, conn.Written)
		}
	}
}

// RFC 6455, 4.2.2: each of them stands in the response once.
func TestHeadersCannotRepeatTheHandshake(t *testing.T) {
	req := good.With("Sec-WebSocket-Protocol: a", "Sec-WebSocket-Extensions: x")
	u := ws.Upgrader{
		Protocol:  func([]byte) bool { return true },
		Extension: func(httphead.Option) bool { return true },
	}
	for _, line := range []string{
		"Upgrade: h2c", "Connection: close", "Sec-WebSocket-Accept: x",
		"Sec-WebSocket-Protocol: b", "Sec-WebSocket-Extensions: y",
	} {
		u.Header = ws.HandshakeHeaderString(line + "\r\n")
		if _, _, err := upgrade(u, req); !errors.Is(err, ws.ErrHandshakeBadResponse) {
			t.Errorf("%s: got %v", line, err)
		}
	}
	// What nobody else has written is the caller's.
	u = ws.Upgrader{Header: ws.HandshakeHeaderString("Sec-WebSocket-Protocol: a\r\n")}
	conn, _, err := upgrade(u, req)
	if err != nil || parseUpgrade(t, conn.Written).Get("Sec-WebSocket-Protocol") != "a" {
		t.Errorf("got %q, %v", conn.Written, err)
	}
	u.Header = ws.HandshakeHeaderString("Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n")
	if _, _, err := upgrade(u, req); !errors.Is(err, ws.ErrHandshakeBadResponse) {
		t.Errorf("two protocols: got %v", err)
	}
}

func TestRejectionsMayBringTheirOwnContentType(t *testing.T) {
	u := ws.Upgrader{OnRequest: func([]byte) error {
		return ws.RejectConnectionError(ws.RejectionStatus(403), ws.RejectionReason(`{}`),
			ws.RejectionHeader(ws.HandshakeHeaderString("content-type: application/json\r\n")))
	}}
	conn, _, _ := upgrade(u, good)
	resp, body := wantRefusal(t, conn.Written, 403)
	if got := resp.Header["Content-Type"]; len(got) != 1 || got[0] != "application/json" || body != "{}" {
		t.Errorf("got %q", conn.Written)
	}
}

// RFC 9110, 8.6: a 204 has no Content-Length; 15.3.6: a 205 no content.
func TestRejectionsWithoutContent(t *testing.T) {
	for _, status := range []int{204, 205, 304} {
		u := ws.Upgrader{OnRequest: func([]byte) error {
			return ws.RejectConnectionError(ws.RejectionStatus(status), ws.RejectionReason("unseen"))
		}}
		conn, _, _ := upgrade(u, good)
		if s := string(conn.Written); strings.Contains(s, "Content-Length") || !strings.HasSuffix(s, "\r\n\r\n") {
			t.Errorf("%d: got %q", status, s)
		}
	}
}

// H6: nothing of a field's value is lost on its way to the callback.
func TestCallbacksH6SeeTheWholeCookie(t *testing.T) {
	const cookies = "a=1;  b=2;\tc=3"
	var seen string
	u := ws.Upgrader{OnHeader: func(_, v []byte) error { seen = string(v); return nil }}
	if _, _, err := upgrade(u, good.With("Cookie: "+cookies)); err != nil || seen != cookies {
		t.Errorf("got %q, %v", seen, err)
	}
	conn := wstest.NewConn(good.With("Cookie: " + cookies).Bytes())
	hs, err := ws.Upgrader{KeepRequest: true}.Upgrade(conn)
	if err != nil {
		t.Fatal(err)
	}
	// Read with net/http, whose parser the program has anyway.
	v, _ := hs.Request.Fields.First("Cookie")
	got, err := http.ParseCookie(string(v))
	if err != nil || len(got) != 3 || got[1].Value != "2" || got[2].Name != "c" {
		t.Errorf("got %v, %v", got, err)
	}
}
