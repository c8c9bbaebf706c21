package ws_test

import (
	"bufio"
	"bytes"
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

// takesAll accepts whatever it is offered, and allows the server's own pages.
var takesAll = ws.Upgrader{
	Origin:    ws.SameOrigin,
	Protocol:  func([]byte) bool { return true },
	Negotiate: func(o httphead.Option) (httphead.Option, error) { return o, nil },
	OnHeader:  func(_, _ []byte) error { return nil },
}

func FuzzServerHandshake(f *testing.F) {
	for _, v := range wstest.Requests() {
		f.Add(v.Raw, uint16(100))
	}
	for _, c := range append(append([]serverCase{}, goodRequests...), badRequests...) {
		if len(c.in) < 2048 {
			f.Add(c.in, uint16(len(c.in)/2))
		}
	}
	f.Fuzz(func(t *testing.T, in []byte, cut uint16) {
		whole, short := feed(t, &ws.ServerHandshake{Upgrader: &takesAll}, [][]byte{in})
		at := min(int(cut), len(in))
		split, splitShort := feed(t, &ws.ServerHandshake{Upgrader: &takesAll}, [][]byte{in[:at], in[at:]})
		if short != splitShort || !reflect.DeepEqual(whole, split) {
			t.Fatalf("whole: %+v, %v\nsplit at %d: %+v, %v", whole, short, at, split, splitShort)
		}
		if short || whole.Err == ws.ErrNotWebSocket.Error() {
			return
		}
		response := []byte(strings.TrimPrefix(whole.Response, dstText))
		resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(response)), nil)
		if err != nil {
			t.Fatalf("response %q: %v", response, err)
		}
		if accepted := whole.Err == ""; accepted != (resp.StatusCode == 101) {
			t.Fatalf("got %+v", whole)
		} else if accepted {
			takenByNetHTTP(t, in[:whole.Size])
		}
		upgradeLikeNext(t, in, whole)
	})
}

// takenByNetHTTP checks that net/http reads the same request.
func takenByNetHTTP(t *testing.T, in []byte) {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(in)))
	if err != nil {
		// What a path or host means is parsed there, but not here.
		if strings.Contains(err.Error(), "invalid URL escape") || strings.Contains(err.Error(), "invalid port") {
			return
		}
		t.Fatalf("net/http does not take %q: %v", in, err)
	}
	if r.Method != "GET" || r.Host == "" || r.ContentLength != 0 || len(r.TransferEncoding) > 0 {
		t.Fatalf("net/http reads %q as %+v", in, r)
	}
}

// upgradeLikeNext checks that the shell around Next says the same.
func upgradeLikeNext(t *testing.T, in []byte, want outcome) {
	if want.Err == "" {
		in = in[:want.Size]
	}
	conn := wstest.NewConn(in)
	hs, err := takesAll.Upgrade(wstest.Stream{ReadWriter: conn})
	if want.Err == "" {
		if got := outcomeOf(append([]byte(dstText), conn.Written...), hs, want.Size, err); !reflect.DeepEqual(got, want) {
			t.Fatalf("Upgrade: got %+v, want %+v", got, want)
		}
	} else if err == nil {
		t.Fatalf("Upgrade accepts %q, Next says %s", in, want.Err)
	}
}

func FuzzClientHandshake(f *testing.F) {
	for _, c := range append(append([]clientCase{}, goodResponses...), badResponses...) {
		if len(c.in) < 2048 {
			f.Add(c.in, uint16(len(c.in)/2))
		}
	}
	f.Add("HTTP/1.1 403 x\r\nContent-Length: 2\r\n\r\nno", uint16(3))
	f.Fuzz(func(t *testing.T, text string, cut uint16) {
		h, in := started(t, &asking, text)
		next := func(pieces ...[]byte) (o outcome, short bool) {
			c := h
			for b := range wstest.Grow(pieces) {
				hs, n, err := c.Next(b)
				if err != ws.ErrShort {
					return outcomeOf(nil, hs, n, err), false
				}
			}
			return o, true
		}
		whole, short := next(in)
		at := min(int(cut), len(in))
		split, splitShort := next(in[:at], in[at:])
		if short != splitShort || !reflect.DeepEqual(whole, split) {
			t.Fatalf("whole: %+v, %v\nsplit at %d: %+v, %v", whole, short, at, split, splitShort)
		}
		if whole.Size > len(in) {
			t.Fatalf("got %+v of %d bytes", whole, len(in))
		}
		if !short && whole.Err == "" {
			if p := whole.Protocol; p != "" && p != "a" && p != "b" {
				t.Fatalf("got protocol %q", p)
			}
			acceptedByNetHTTP(t, in[:whole.Size])
		}
		ws.Dialer{}.Upgrade(wstest.NewConn([]byte(text)), mustURL("ws://h/"))
	})
}

// acceptedByNetHTTP checks that net/http reads a response that was accepted as one
// that changes the protocol, after interim ones, and of the same length.
func acceptedByNetHTTP(t *testing.T, in []byte) {
	t.Helper()
	br := bufio.NewReader(bytes.NewReader(in))
	var resp *http.Response
	for resp == nil || resp.StatusCode/100 == 1 && resp.StatusCode != 101 {
		var err error
		if resp, err = http.ReadResponse(br, &http.Request{Method: "GET"}); err != nil {
			t.Fatalf("net/http does not take %q: %v", in, err)
		}
	}
	rest, _ := io.ReadAll(br)
	if resp.StatusCode != 101 || !strings.EqualFold(resp.Header.Get("Upgrade"), "websocket") || len(rest) > 0 {
		t.Fatalf("net/http reads %q as %+v, and %q after it", in, resp, rest)
	}
}

func FuzzSameOrigin(f *testing.F) {
	for _, c := range originCases {
		f.Add([]byte(c.origin), []byte(c.host))
	}
	f.Fuzz(func(t *testing.T, origin, host []byte) {
		if !ws.SameOrigin(origin, host) {
			return
		}
		page, err := url.Parse(string(origin))
		if err != nil {
			t.Fatalf("%q is allowed: %v", origin, err)
		}
		server, err := url.Parse(page.Scheme + "://" + string(host))
		if err != nil {
			t.Fatalf("%q is allowed: %v", host, err)
		}
		if !strings.EqualFold(page.Hostname(), server.Hostname()) || portOf(page) != portOf(server) {
			t.Fatalf("%q is allowed for %q", origin, host)
		}
		if page.User != nil || page.Path != "" || page.RawQuery != "" || page.Fragment != "" {
			t.Fatalf("%q is no origin", origin)
		}
	})
}

func portOf(u *url.URL) string {
	if p := u.Port(); p != "" || strings.HasSuffix(u.Host, ":") {
		return p
	}
	if u.Scheme == "https" || u.Scheme == "wss" {
		return "443"
	}
	return "80"
}
