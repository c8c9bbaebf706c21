package ws_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/ws"
)

// extendedConnect is the example of RFC 8441, section 5.1, as net/http shows it.
func extendedConnect() *http.Request {
	r := httptest.NewRequest("GET", "https://server.example.com/chat", nil)
	r.Method, r.Proto, r.ProtoMajor, r.ProtoMinor = http.MethodConnect, "HTTP/2.0", 2, 0
	r.ContentLength = -1
	r.Header = http.Header{
		":protocol":                {"websocket"},
		"Sec-Websocket-Version":    {"13"},
		"Sec-Websocket-Protocol":   {"chat, superchat"},
		"Sec-Websocket-Extensions": {"permessage-deflate"},
		"Origin":                   {"https://server.example.com"},
	}
	return r
}

func TestUpgradeStream(t *testing.T) {
	u := ws.HTTPUpgrader{
		Origin:    ws.SameOrigin,
		Protocols: []string{"superchat"},
		Negotiate: func(o httphead.Option) (httphead.Option, error) { return o, nil },
		Header:    http.Header{"X-Added": {"1"}, "Connection": {"close"}},
	}
	for _, proto := range []string{"HTTP/2.0", "websocket"} { // as net/http has it, and as servers of HTTP/3
		r := extendedConnect()
		if r.Proto = proto; proto == "websocket" {
			delete(r.Header, ":protocol")
			r.ProtoMajor = 3
		}
		w := httptest.NewRecorder()
		w.Header().Set("Content-Length", "5")
		hs, err := u.UpgradeStream(r, w)
		if err != nil || hs.Protocol != "superchat" || len(hs.Extensions) != 1 {
			t.Fatalf("%s: %+v, %v", proto, hs, err)
		}
		if w.Code != 200 || !w.Flushed {
			t.Errorf("%s: status %d, flushed %v", proto, w.Code, w.Flushed)
		}
		want := "map[Sec-Websocket-Extensions:[permessage-deflate] Sec-Websocket-Protocol:[superchat] X-Added:[1]]"
		if got := fmt.Sprint(w.Header()); got != want {
			t.Errorf("%s: %s, want %s", proto, got, want)
		}
	}
}

func TestUpgradeStreamRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(r *http.Request)
		status int
		rule   error
	}{
		"a GET":                  {func(r *http.Request) { r.Method = "GET" }, 400, ws.ErrHandshakeNotExtendedConnect},
		"a CONNECT for a proxy":  {func(r *http.Request) { delete(r.Header, ":protocol") }, 400, ws.ErrHandshakeNotExtendedConnect},
		"HTTP/1.1":               {func(r *http.Request) { r.ProtoMajor = 1 }, 400, ws.ErrHandshakeNotExtendedConnect},
		"another protocol":       {func(r *http.Request) { r.Header[":protocol"] = []string{"connect-udp"} }, 501, ws.ErrHandshakeBadStreamProtocol},
		"the protocol's case":    {func(r *http.Request) { r.Header[":protocol"] = []string{"WebSocket"} }, 501, ws.ErrHandshakeBadStreamProtocol},
		"no host":                {func(r *http.Request) { r.Host = "" }, 400, ws.ErrHandshakeBadHost},
		"no version":             {func(r *http.Request) { r.Header.Del("Sec-Websocket-Version") }, 400, ws.ErrHandshakeBadSecVersion},
		"another version":        {func(r *http.Request) { r.Header.Set("Sec-Websocket-Version", "8") }, 400, ws.ErrHandshakeBadSecVersion},
		"a fragment":             {func(r *http.Request) { r.RequestURI = "/chat#x" }, 400, ws.ErrMalformedRequest},
		"a length":               {func(r *http.Request) { r.ContentLength = 5 }, 400, ws.ErrHandshakeBadBody},
		"a page of another site": {func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, 403, ws.ErrHandshakeBadOrigin},
	} {
		r := extendedConnect()
		tc.change(r)
		w := httptest.NewRecorder()
		_, err := ws.HTTPUpgrader{Origin: ws.SameOrigin}.UpgradeStream(r, w)
		if !errors.Is(err, tc.rule) || w.Code != tc.status {
			t.Errorf("%s: %d, %v, want %d, %v", name, w.Code, err, tc.status, tc.rule)
		}
	}
}

// unflushed is a ResponseWriter that cannot flush.
type unflushed struct{ http.ResponseWriter }

func TestUpgradeStreamNeedsAFlusher(t *testing.T) {
	_, err := ws.HTTPUpgrader{}.UpgradeStream(extendedConnect(), unflushed{httptest.NewRecorder()})
	if !errors.Is(err, ws.ErrNotFlusher) || !errors.Is(err, http.ErrNotSupported) {
		t.Error(err)
	}
}

func TestIsExtendedConnect(t *testing.T) {
	if !ws.IsExtendedConnect(extendedConnect()) || ws.IsExtendedConnect(goodHTTP()) {
		t.Error("an extended CONNECT is not told from a GET")
	}
}
