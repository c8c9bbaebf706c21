package websocket_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	websocket "github.com/wirews/wirews/compat/gorilla"
	"github.com/wirews/wirews/ws"
)

// request is one of a handshake, with the key of RFC 6455, section 1.3. Pairs of names
// and values are added; an empty value takes the field away.
func request(pairs ...string) *http.Request {
	r := httptest.NewRequest("GET", "http://example.com/", nil)
	r.RemoteAddr = ""
	for i, fields := 0, append([]string{
		"Upgrade", "websocket", "Connection", "keep-alive, Upgrade", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==",
	}, pairs...); i < len(fields); i += 2 {
		if r.Header.Set(fields[i], fields[i+1]); fields[i+1] == "" {
			r.Header.Del(fields[i])
		}
	}
	return r
}

func TestRefusals(t *testing.T) {
	post := request()
	post.Method = "POST"
	for name, test := range map[string]struct {
		r      *http.Request
		status int
		rule   error
	}{
		"connection":  {request("Connection", "close"), 400, ws.ErrHandshakeBadConnection},
		"upgrade":     {request("Upgrade", "h2c"), 400, ws.ErrHandshakeBadUpgrade},
		"key":         {request("Sec-WebSocket-Key", "short"), 400, ws.ErrHandshakeBadSecKey},
		"version":     {request("Sec-WebSocket-Version", "12"), 426, ws.ErrHandshakeUpgradeRequired},
		"method":      {post, 405, ws.ErrHandshakeBadMethod},
		"origin":      {request("Origin", "http://other.example"), 403, nil},
		"odd origin":  {request("Origin", "://"), 403, nil},
		"no hijacker": {request("Origin", "https://EXAMPLE.com"), 500, ws.ErrNotHijacker},
	} {
		w := httptest.NewRecorder()
		_, err := new(websocket.Upgrader).Upgrade(w, test.r, nil)
		e, ok := err.(websocket.HandshakeError)
		if !ok || test.rule != nil && !errors.Is(e, test.rule) {
			t.Errorf("%s: %v", name, err)
		}
		if got := w.Result(); got.StatusCode != test.status || got.Header.Get("Sec-Websocket-Version") != "13" || w.Body.String() != http.StatusText(test.status)+"\n" {
			t.Errorf("%s: %d, %v, %q", name, got.StatusCode, got.Header, w.Body)
		}
		// The same by Error, and by the deprecated function, which does not answer.
		status := 0
		u := websocket.Upgrader{Error: func(_ http.ResponseWriter, _ *http.Request, s int, reason error) {
			if status = s; reason.Error() == "" {
				t.Errorf("%s: no reason", name)
			}
		}}
		w = httptest.NewRecorder()
		if _, err := u.Upgrade(w, test.r, nil); err == nil || status != test.status || w.Body.Len() > 0 {
			t.Errorf("%s: %v, status %d, %q", name, err, status, w.Body)
		}
		w = httptest.NewRecorder()
		if _, err := websocket.Upgrade(w, test.r, nil, 0, 0); err == nil || w.Body.Len() > 0 {
			t.Errorf("%s: %v, %q", name, err, w.Body)
		}
	}
	if _, err := new(websocket.Upgrader).Upgrade(httptest.NewRecorder(), request(), http.Header{"Sec-Websocket-Extensions": {"x"}}); err == nil {
		t.Error("extensions of the program's own")
	}
}

// TestUpgradeWithFramesInFrontOfTheAnswer: the client is told, and has no connection.
func TestUpgradeWithFramesInFrontOfTheAnswer(t *testing.T) {
	errs := make(chan error, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		errs <- err
	}))
	defer s.Close()
	peer := connect(t, s.Listener.Addr().String())
	var head strings.Builder
	request().Write(&head)
	io.WriteString(peer, head.String()+masked(0x81, "early"))
	if got := hear(t, peer, 12); got != "HTTP/1.1 400" {
		t.Errorf("%q", got)
	}
	if err := <-errs; !errors.Is(err, ws.ErrHandshakeEarlyData) {
		t.Error(err)
	}
}

func TestSubprotocolsAreChosen(t *testing.T) {
	for _, test := range []struct {
		speaks []string
		header string
		want   string
	}{
		{nil, "", ""}, {nil, "b", "b"}, {nil, "x", ""}, {[]string{"b", "a"}, "", "b"}, {[]string{"x"}, "a", ""}, {[]string{}, "a", ""},
	} {
		chosen := make(chan string, 1)
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			header := http.Header{"X-Own": {"yes"}}
			if test.header != "" {
				header.Set("Sec-WebSocket-Protocol", test.header)
			}
			u := websocket.Upgrader{Subprotocols: test.speaks}
			c, err := u.Upgrade(w, r, header)
			if err != nil {
				t.Error(err)
				chosen <- ""
				return
			}
			chosen <- c.Subprotocol()
			c.Close()
		}))
		d := websocket.Dialer{Subprotocols: []string{"a", "b"}}
		c, resp, err := d.Dial("ws"+strings.TrimPrefix(s.URL, "http"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := <-chosen; got != test.want || c.Subprotocol() != test.want || resp.Header.Get("X-Own") != "yes" {
			t.Errorf("%q and %q: %q, the client %q", test.speaks, test.header, got, c.Subprotocol())
		}
		c.Close()
		s.Close()
	}
}

func TestWhatARequestAsksFor(t *testing.T) {
	if !websocket.IsWebSocketUpgrade(request("Connection", "a, uPgRaDe")) || websocket.IsWebSocketUpgrade(request("Connection", "upgraded")) ||
		websocket.IsWebSocketUpgrade(request("Upgrade", "")) {
		t.Error("IsWebSocketUpgrade")
	}
	for list, want := range map[string][]string{"": nil, "a": {"a"}, " a ,b": {"a", "b"}} {
		if got := websocket.Subprotocols(request("Sec-WebSocket-Protocol", list)); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q", list, got)
		}
	}
}

// Programs write headers as map literals, spelt as in the RFC and not as net/http
// spells them: the original sends such a field as it stands.
func TestSubprotocolOfAResponseHeaderSpeltAsInTheRFC(t *testing.T) {
	for _, name := range []string{"Sec-WebSocket-Protocol", "sec-websocket-protocol"} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c, err := new(websocket.Upgrader).Upgrade(w, r, http.Header{name: {"b"}}); err == nil {
				c.Close()
			}
		}))
		d := websocket.Dialer{Subprotocols: []string{"a", "b"}}
		c, _, err := d.Dial("ws"+strings.TrimPrefix(s.URL, "http"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Subprotocol(); got != "b" {
			t.Errorf("%s: %q", name, got)
		}
		c.Close()
		s.Close()
	}
}

func TestServerTakesSubprotocolsThatAreNoTokens(t *testing.T) {
	for asked, want := range map[string]string{"b, c2VjcmV0==": "\r\nSec-WebSocket-Protocol: b\r\n", "Bearer a/b": "", "c2VjcmV0==": ""} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			u := websocket.Upgrader{Subprotocols: []string{"b"}}
			if c, err := u.Upgrade(w, r, nil); err == nil {
				c.Close()
			}
			if r.Header.Get("Sec-WebSocket-Protocol") != asked {
				t.Errorf("the request has become %q", r.Header)
			}
		}))
		peer := connect(t, s.Listener.Addr().String())
		request("Sec-WebSocket-Protocol", asked).Write(peer)
		got, _ := io.ReadAll(peer)
		if !strings.HasPrefix(string(got), "HTTP/1.1 101") || !strings.Contains(string(got), want) {
			t.Errorf("%q: %q", asked, got)
		}
		s.Close()
	}
}

func TestControlCharactersOfAResponseHeader(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := new(websocket.Upgrader).Upgrade(w, r, http.Header{"X-Name": {"a\x01b\x1fc"}})
		if err != nil {
			t.Error(err)
			return
		}
		c.Close()
	}))
	defer s.Close()
	_, resp, err := new(websocket.Dialer).Dial("ws"+strings.TrimPrefix(s.URL, "http"), nil)
	if err != nil || resp.Header.Get("X-Name") != "a b c" {
		t.Errorf("%q, %v", resp.Header, err)
	}
}
