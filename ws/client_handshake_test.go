package ws_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// clientCase is a response; ACCEPT in it stands for the right one.
type clientCase struct {
	name  string
	in    string
	rule  error
	value string
}

// response101 is a 101 of these field lines.
func response101(lines ...string) string {
	return strings.Join(append(append([]string{"HTTP/1.1 101 x"}, lines...), "", ""), "\r\n")
}

const (
	upgradeLine    = "Upgrade: websocket"
	connectionLine = "Connection: Upgrade"
	acceptLine     = "Sec-WebSocket-Accept: ACCEPT"
)

func good101(lines ...string) string {
	return response101(append([]string{upgradeLine, connectionLine, acceptLine}, lines...)...)
}

var goodResponses = []clientCase{
	{name: "plain", in: good101()},
	{name: "W21: no reason and no space", in: strings.Replace(good101(), "101 x", "101", 1)},
	{name: "W21: no reason", in: strings.Replace(good101(), "101 x", "101 ", 1)},
	{name: "another reason", in: strings.Replace(good101(), "101 x", "101 Web Socket Protocol Handshake", 1)},
	{name: "HTTP/1.2", in: strings.Replace(good101(), "HTTP/1.1", "HTTP/1.2", 1)},
	{name: "W22: Connection list", in: response101(upgradeLine, "Connection: keep-alive, Upgrade", acceptLine)},
	{name: "W22: two Connection lines", in: response101(upgradeLine, "Connection: keep-alive", connectionLine, acceptLine)},
	{name: "Upgrade in capitals", in: response101("UPGRADE: WEBSOCKET", connectionLine, acceptLine)},
	{name: "protocol", in: good101("Sec-WebSocket-Protocol: b")},
	{name: "extension", in: good101("Sec-WebSocket-Extensions: x; any=1")},
	{name: "interim", in: "HTTP/1.1 100 Continue\r\n\r\n" + "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + good101()},
	{name: "16 interim", in: strings.Repeat("HTTP/1.1 102 \r\n\r\n", 16) + good101()},
	{name: "other fields", in: good101("Server: x", "Content-Language: en", "Date: now")},
}

var badResponses = []clientCase{
	{name: "W20: status of 2^64+101", in: strings.Replace(good101(), " 101 ", " 18446744073709551717 ", 1), rule: ws.ErrMalformedResponse},
	{name: "W20: status 0:1", in: strings.Replace(good101(), " 101 ", " 0:1 ", 1), rule: ws.ErrMalformedResponse, value: "0:1"},
	{name: "W20: version 1.?", in: strings.Replace(good101(), "HTTP/1.1", "HTTP/1.?", 1), rule: ws.ErrMalformedResponse},
	{name: "HTTP/1.0", in: strings.Replace(good101(), "HTTP/1.1", "HTTP/1.0", 1), rule: ws.ErrHandshakeBadProtocol, value: "HTTP/1.0"},
	{name: "HTTP/2.0", in: strings.Replace(good101(), "HTTP/1.1", "HTTP/2.0", 1), rule: ws.ErrHandshakeBadProtocol, value: "HTTP/2.0"},
	{name: "HTTP/2.0 and 200", in: "HTTP/2.0 200 OK\r\n\r\n", rule: ws.ErrHandshakeBadProtocol, value: "HTTP/2.0"},
	{name: "W19: bare LF", in: strings.ReplaceAll(good101(), "\r\n", "\n"), rule: ws.ErrMalformedResponse},
	{name: "W19: space before the colon", in: good101("X : y"), rule: ws.ErrMalformedResponse},
	{name: "W19: folded line", in: good101("X: y", " z"), rule: ws.ErrMalformedResponse},
	{name: "not HTTP", in: "220 mail.example ESMTP\r\n\r\n", rule: ws.ErrMalformedResponse},
	{name: "17 interim", in: strings.Repeat("HTTP/1.1 102 \r\n\r\n", 17) + good101(), rule: ws.ErrMalformedResponse},

	{name: "no Upgrade", in: response101(connectionLine, acceptLine), rule: ws.ErrHandshakeBadUpgrade},
	{name: "a list in Upgrade", in: response101("Upgrade: h2c, websocket", connectionLine, acceptLine), rule: ws.ErrHandshakeBadUpgrade, value: "h2c, websocket"},
	{name: "two Upgrade lines", in: response101("Upgrade: websocket", "Upgrade: foo", connectionLine, acceptLine), rule: ws.ErrHandshakeBadUpgrade, value: "foo"},
	{name: "another Upgrade", in: response101("Upgrade: h2c", connectionLine, acceptLine), rule: ws.ErrHandshakeBadUpgrade, value: "h2c"},
	{name: "no Connection", in: response101(upgradeLine, acceptLine), rule: ws.ErrHandshakeBadConnection},
	{name: "#184: Connection of a proxy", in: response101(upgradeLine, "Connection: close", acceptLine), rule: ws.ErrHandshakeBadConnection, value: "close"},
	{name: "no accept", in: response101(upgradeLine, connectionLine), rule: ws.ErrHandshakeBadSecAccept},
	{name: "accept of another key", in: response101(upgradeLine, connectionLine, "Sec-WebSocket-Accept: "+wstest.Accept), rule: ws.ErrHandshakeBadSecAccept, value: wstest.Accept},
	{name: "accept twice", in: good101(acceptLine), rule: ws.ErrHandshakeBadSecAccept},
	{name: "short accept", in: response101(upgradeLine, connectionLine, "Sec-WebSocket-Accept: x"), rule: ws.ErrHandshakeBadSecAccept},

	{name: "Content-Length", in: good101("Content-Length: 5"), rule: ws.ErrHandshakeBadFraming, value: "Content-Length: 5"},
	{name: "Content-Length of nothing", in: good101("content-length: 0"), rule: ws.ErrHandshakeBadFraming, value: "content-length: 0"},
	{name: "Transfer-Encoding", in: good101("Transfer-Encoding: chunked"), rule: ws.ErrHandshakeBadFraming, value: "Transfer-Encoding: chunked"},

	{name: "protocol not asked for", in: good101("Sec-WebSocket-Protocol: c"), rule: ws.ErrHandshakeBadSubProtocol, value: "c"},
	{name: "protocol in another case", in: good101("Sec-WebSocket-Protocol: B"), rule: ws.ErrHandshakeBadSubProtocol},
	{name: "two protocols", in: good101("Sec-WebSocket-Protocol: a, b"), rule: ws.ErrHandshakeBadSubProtocol},
	{name: "two lines of protocols", in: good101("Sec-WebSocket-Protocol: a", "Sec-WebSocket-Protocol: a"), rule: ws.ErrHandshakeBadSubProtocol},
	{name: "empty protocol", in: good101("Sec-WebSocket-Protocol:"), rule: ws.ErrHandshakeBadSubProtocol},

	{name: "W27: extension not offered", in: good101("Sec-WebSocket-Extensions: z"), rule: ws.ErrHandshakeBadExtensions, value: "z"},
	{name: "W28: extension twice", in: good101("Sec-WebSocket-Extensions: x, x"), rule: ws.ErrHandshakeBadExtensions},
	{name: "W28: extension twice in two lines", in: good101("Sec-WebSocket-Extensions: x", "Sec-WebSocket-Extensions: x; a"), rule: ws.ErrHandshakeBadExtensions},
	{name: "H4: malformed extension", in: good101("Sec-WebSocket-Extensions: x y"), rule: ws.ErrHandshakeBadExtensions},
	{name: "H4: malformed parameter", in: good101("Sec-WebSocket-Extensions: x; a="), rule: ws.ErrMalformedResponse},
	{name: "H3: open quote", in: good101(`Sec-WebSocket-Extensions: x; a="b`), rule: ws.ErrHandshakeBadExtensions},

	{name: "W13: long line", in: good101("X: " + strings.Repeat("y", 17<<10)), rule: httpx.ErrLimit},
	{name: "W13: many lines", in: good101(strings.Split(strings.Repeat("X:,", 130), ",")[:130]...), rule: httpx.ErrLimit},
	{name: "W13: large head", in: good101(strings.Split(strings.Repeat("X: "+strings.Repeat("y", 10<<10)+",", 7), ",")[:7]...), rule: httpx.ErrLimit},
}

var asking = ws.Dialer{
	Protocols:  []string{"a", "b"},
	Extensions: []httphead.Option{{Name: []byte("x")}, {Name: []byte("y")}},
}

// started returns a handshake whose request is written, and in with the accept
// that answers it.
func started(t testing.TB, d *ws.Dialer, in string) (ws.ClientHandshake, []byte) {
	t.Helper()
	c := ws.ClientHandshake{Dialer: d}
	b, err := c.AppendRequest(nil, mustURL("ws://h/"))
	if err != nil {
		t.Fatal(err)
	}
	return c, []byte(strings.ReplaceAll(in, "ACCEPT", acceptOf(keyIn(b))))
}

func keyIn(request []byte) string {
	_, rest, _ := strings.Cut(string(request), "Sec-WebSocket-Key: ")
	key, _, _ := strings.Cut(rest, "\r\n")
	return key
}

func TestClientHandshakeAcceptsWhatTheRFCAllows(t *testing.T) {
	for _, c := range goodResponses {
		t.Run(c.name, func(t *testing.T) {
			h, in := started(t, &asking, c.in)
			hs, n, err := h.Next(in)
			if err != nil || n != len(in) {
				t.Fatalf("got %d, %v", n, err)
			}
			if (hs.Protocol == "b") != (c.name == "protocol") || (len(hs.Extensions) == 1) != (c.name == "extension") {
				t.Errorf("got %+v", hs)
			}
		})
	}
}

func TestClientHandshakeRefuses(t *testing.T) {
	for _, c := range badResponses {
		t.Run(c.name, func(t *testing.T) {
			h, in := started(t, &asking, c.in)
			hs, n, err := h.Next(in)
			if !errors.Is(err, c.rule) || !reflect.DeepEqual(hs, ws.Handshake{}) || n != 0 {
				t.Fatalf("got %+v, %d, %v, want %v", hs, n, err, c.rule)
			}
			if !strings.Contains(err.Error(), c.value) || strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "ws: ") {
				t.Errorf("text of the error: %q", err)
			}
		})
	}
}

// W27: the text names the right field.
func TestClientHandshakeW27NamesTheField(t *testing.T) {
	for rule, name := range map[error]string{
		ws.ErrHandshakeBadExtensions:  "Sec-WebSocket-Extensions",
		ws.ErrHandshakeBadSubProtocol: "Sec-WebSocket-Protocol",
		ws.ErrHandshakeBadSecAccept:   "Sec-WebSocket-Accept",
		ws.ErrHandshakeBadSecKey:      "Sec-WebSocket-Key",
		ws.ErrHandshakeBadSecVersion:  "Sec-WebSocket-Version",
	} {
		if !strings.Contains(rule.Error(), name) {
			t.Errorf("%v does not name %s", rule, name)
		}
	}
}

func TestClientHandshakeIsTheSameForEverySplit(t *testing.T) {
	type result struct {
		hs  ws.Handshake
		n   int
		err string
	}
	next := func(h ws.ClientHandshake, pieces [][]byte) (r result, short bool) {
		for b := range wstest.Grow(pieces) {
			hs, n, err := h.Next(b)
			if err == ws.ErrShort {
				if n != 0 || !reflect.DeepEqual(hs, ws.Handshake{}) {
					t.Fatalf("ErrShort with %d, %+v", n, hs)
				}
				continue
			}
			r = result{hs: hs, n: n}
			if err != nil {
				r.err = err.Error()
			}
			return r, false
		}
		return r, true
	}
	cases := append(append([]clientCase{{name: "403", in: "HTTP/1.1 403 no\r\nContent-Length: 2\r\n\r\n"}}, goodResponses...), badResponses...)
	for _, c := range cases {
		if len(c.in) > 2048 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			h, in := started(t, &asking, c.in)
			size := len(in)
			in = append(in, 0x81, 0x00)
			whole, short := next(h, [][]byte{in})
			if short || whole.err == "" && whole.n != size {
				t.Fatalf("got %+v, %v", whole, short)
			}
			for name, pieces := range wstest.Splits(in) {
				if got, short := next(h, pieces); short || !reflect.DeepEqual(got, whole) {
					t.Fatalf("%s: got %+v, want %+v", name, got, whole)
				}
			}
			if whole.err != "" {
				return
			}
			for i := range size {
				if _, short := next(h, [][]byte{in[:i:i]}); !short {
					t.Fatalf("%q is not short", in[:i])
				}
			}
		})
	}
}

func TestClientHandshakeCopiesWhatItReturns(t *testing.T) {
	h, in := started(t, &asking, good101("Sec-WebSocket-Protocol: b", `Sec-WebSocket-Extensions: x; p="1"`))
	hs, _, err := h.Next(in)
	clear(in)
	if err != nil || hs.Protocol != "b" || len(hs.Extensions) != 1 || !hs.Extensions[0].Equal(httphead.NewOption("x", map[string]string{"p": "1"})) {
		t.Errorf("got %+v, %v", hs, err)
	}
}

func TestClientHandshakeOnHeader(t *testing.T) {
	var seen []string
	d := ws.Dialer{OnHeader: func(k, v []byte) error {
		seen = append(seen, string(k)+"="+string(v))
		return nil
	}}
	h, in := started(t, &d, good101("x-ONE: 1", "Set-Cookie: a"))
	if _, _, err := h.Next(in); err != nil || strings.Join(seen, " ") != "X-One=1 Set-Cookie=a" {
		t.Errorf("got %q, %v", seen, err)
	}
	failure := errors.New("no such cookie")
	d.OnHeader = func(_, _ []byte) error { return failure }
	if hs, _, err := h.Next(in); err != failure || !reflect.DeepEqual(hs, ws.Handshake{}) {
		t.Errorf("got %+v, %v", hs, err)
	}
	called := false
	d.OnHeader = func(_, _ []byte) error { called = true; return nil }
	h, in = started(t, &d, response101(upgradeLine, connectionLine, "X: y"))
	if _, _, err := h.Next(in); err == nil || called {
		t.Errorf("got %v; called for a response that is refused: %v", err, called)
	}
}
