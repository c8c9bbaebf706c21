package ws_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

func TestProtocolIsTheClientsFirstChoice(t *testing.T) {
	cases := []struct {
		name  string
		lines []string
		speak string
		want  string
	}{
		{"first", []string{"a, b"}, "a b", "a"},
		{"second", []string{"a, b"}, "b c", "b"},
		{"second line", []string{"a", "b"}, "b", "b"},
		{"order of the lines", []string{"b", "a"}, "a b", "b"},
		{"none", []string{"a"}, "b", ""},
		{"case counts", []string{"A"}, "a", ""},
		{"H1: HTAB", []string{"a\t,\tb"}, "b", "b"},
		{"empty elements", []string{", ,a,,"}, "a", "a"},
		{"every character of a token", []string{"!#$%&'*+-.^_`|~0aZ"}, "!#$%&'*+-.^_`|~0aZ", "!#$%&'*+-.^_`|~0aZ"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := good
			for _, l := range c.lines {
				h = h.With("Sec-WebSocket-Protocol: " + l)
			}
			u := ws.Upgrader{Protocol: func(p []byte) bool { return strings.Contains(" "+c.speak+" ", " "+string(p)+" ") }}
			conn, hs, err := upgrade(u, h)
			if err != nil || hs.Protocol != c.want {
				t.Fatalf("got %q, %v, want %q", hs.Protocol, err, c.want)
			}
			if got := parseUpgrade(t, conn.Written).Get("Sec-WebSocket-Protocol"); got != c.want {
				t.Errorf("sent %q, want %q", got, c.want)
			}
		})
	}
}

func TestProtocolsAreTheServersFirstChoice(t *testing.T) {
	for _, c := range []struct {
		name  string
		ours  []string
		lines []string
		want  string
	}{
		{"ours comes first", []string{"a", "b"}, []string{"b, a"}, "a"},
		{"the second line", []string{"c", "b"}, []string{"a", "b"}, "b"},
		{"the first line is better", []string{"a", "b", "c"}, []string{"a, c", "b"}, "a"},
		{"spelt as the client does", []string{"CHAT"}, []string{"x, chat"}, "chat"},
		{"its first spelling", []string{"chat"}, []string{"Chat, chat"}, "Chat"},
		{"H1: HTAB and empty elements", []string{"b"}, []string{",a\t,,\tb"}, "b"},
		{"none", []string{"c"}, []string{"a, b"}, ""},
		{"none offered", []string{"c"}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, r := good, goodHTTP()
			for _, l := range c.lines {
				h = h.With("Sec-WebSocket-Protocol: " + l)
				r.Header.Add("Sec-WebSocket-Protocol", l)
			}
			u := ws.Upgrader{
				Protocols:      c.ours,
				Protocol:       func([]byte) bool { t.Error("Protocol was asked"); return true },
				ProtocolCustom: func([]byte) (string, bool) { t.Error("ProtocolCustom was asked"); return "x", true },
			}
			conn, hs, err := upgrade(u, h)
			if err != nil || hs.Protocol != c.want || parseUpgrade(t, conn.Written).Get("Sec-WebSocket-Protocol") != c.want {
				t.Errorf("Upgrader: got %q, %v, want %q", hs.Protocol, err, c.want)
			}
			var server deadlineConn
			_, _, hs, err = ws.HTTPUpgrader{Protocols: c.ours}.Upgrade(r, newHijackable(&server))
			if err != nil || hs.Protocol != c.want || parseUpgrade(t, server.Written).Get("Sec-WebSocket-Protocol") != c.want {
				t.Errorf("HTTPUpgrader: got %q, %v, want %q", hs.Protocol, err, c.want)
			}
		})
	}
}

// W35: nothing that was not offered is asked about, let alone echoed.
func TestProtocolW35IsNotAskedAboutPartsOfAMalformedList(t *testing.T) {
	for _, list := range []string{"v1/chat", "a b", "a, b c", "a;q=1", `"a"`, "a, é"} {
		for _, u := range []ws.Upgrader{
			{Protocol: func(p []byte) bool { return true }},
			{Protocols: []string{"a"}},
		} {
			conn, _, err := upgrade(u, good.With("Sec-WebSocket-Protocol: "+list))
			if !errors.Is(err, ws.ErrMalformedRequest) {
				t.Errorf("W35: %q: got %v", list, err)
			}
			wantRefusal(t, conn.Written, 400)
		}
	}
}

func TestProtocolCustom(t *testing.T) {
	h := good.With("Sec-WebSocket-Protocol: a", "Sec-WebSocket-Protocol: b, c", "Sec-WebSocket-Protocol: d")
	var lines []string
	u := ws.Upgrader{
		Protocol: func([]byte) bool { t.Error("Protocol was asked"); return true },
		ProtocolCustom: func(line []byte) (string, bool) {
			lines = append(lines, string(line))
			if len(line) > 1 {
				return "c", true
			}
			return "", true
		},
	}
	_, hs, err := upgrade(u, h)
	if err != nil || hs.Protocol != "c" || strings.Join(lines, "|") != "a|b, c" {
		t.Errorf("got %q, %v after %q", hs.Protocol, err, lines)
	}
	u.ProtocolCustom = func([]byte) (string, bool) { return "c", false }
	conn, hs, err := upgrade(u, h)
	if !errors.Is(err, ws.ErrMalformedRequest) || hs.Protocol != "" {
		t.Errorf("got %+v, %v", hs, err)
	}
	wantRefusal(t, conn.Written, 400)
	u.ProtocolCustom = func([]byte) (string, bool) { return "c\r\nX: y", true }
	if conn, _, err = upgrade(u, h); !errors.Is(err, ws.ErrHandshakeBadResponse) {
		t.Errorf("injection: got %v", err)
	}
	if resp, _ := wantRefusal(t, conn.Written, 500); resp.Header.Get("X") != "" {
		t.Errorf("injected: %q", conn.Written)
	}
}

const offers = `a; p; q=1; r="x", b, a; p=2`

func TestNegotiate(t *testing.T) {
	h := good.With("Sec-WebSocket-Extensions: "+offers, "Sec-WebSocket-Extensions: c")
	var seen []string
	u := ws.Upgrader{Negotiate: func(o httphead.Option) (httphead.Option, error) {
		seen = append(seen, o.String())
		switch string(o.Name) {
		case "a":
			return httphead.NewOption("a", map[string]string{"q": "2"}), nil
		case "c":
			return o, nil
		}
		return httphead.Option{}, nil
	}}
	conn, hs, err := upgrade(u, h)
	if err != nil || len(hs.Extensions) != 2 {
		t.Fatalf("got %+v, %v", hs, err)
	}
	if got := parseUpgrade(t, conn.Written).Get("Sec-WebSocket-Extensions"); got != "a; q=2, c" {
		t.Errorf("sent %q", got)
	}
	// The second offer of a is the alternative to what was accepted.
	if got := strings.Join(seen, " "); got != "{a [p: q:1 r:x]} {b []} {c []}" {
		t.Errorf("asked about %q", got)
	}
}

// W33: the error of the callback ends the handshake, and it is not asked again.
func TestNegotiateW33KeepsTheError(t *testing.T) {
	failure := errors.New("no memory for this")
	calls := 0
	u := ws.Upgrader{Negotiate: func(o httphead.Option) (httphead.Option, error) {
		if calls++; calls > 1 {
			return o, nil
		}
		return o, failure
	}}
	conn, hs, err := upgrade(u, good.With("Sec-WebSocket-Extensions: "+offers))
	if err != failure || calls != 1 || len(hs.Extensions) != 0 {
		t.Errorf("got %v after %d calls, %+v", err, calls, hs)
	}
	wantRefusal(t, conn.Written, 500)
}

// W34: what is accepted owns its memory, whichever callback returns its
// argument.
func TestNegotiateW34CopiesWhatItAccepts(t *testing.T) {
	h := good.With(`Sec-WebSocket-Extensions: first; p="quo\ted"; q=1, second`, "Y: "+strings.Repeat("y", 3000))
	for name, u := range map[string]ws.Upgrader{
		"W34: Negotiate": {Negotiate: func(o httphead.Option) (httphead.Option, error) { return o, nil }},
		"W34: Extension": {Extension: func(httphead.Option) bool { return true }},
		"W34: ExtensionCustom": {ExtensionCustom: func(line []byte, to []httphead.Option) ([]httphead.Option, bool) {
			opts, ok := httphead.ParseOptions(line, to)
			return opts, ok
		}},
	} {
		t.Run(name, func(t *testing.T) {
			conn, hs, err := upgrade(u, h)
			if err != nil {
				t.Fatal(err)
			}
			sent := parseUpgrade(t, conn.Written).Get("Sec-WebSocket-Extensions")
			for range 10 {
				ws.Upgrade(wstest.NewConn(bytes.Repeat([]byte("z"), 4000)))
			}
			in := h.Bytes()
			s := ws.ServerHandshake{Upgrader: &u}
			_, again, _, _ := s.Next(nil, in)
			clear(in)
			for _, hs := range []ws.Handshake{hs, again} {
				if len(hs.Extensions) != 2 || string(hs.Extensions[0].Name) != "first" || string(hs.Extensions[1].Name) != "second" {
					t.Fatalf("got %v", hs.Extensions)
				}
				if v, _ := hs.Extensions[0].Parameters.Get("q"); string(v) != "1" {
					t.Errorf("got %v", hs.Extensions)
				}
			}
			if !strings.HasPrefix(sent, "first; ") || !strings.HasSuffix(sent, "; q=1, second") {
				t.Errorf("sent %q", sent)
			}
		})
	}
}

func TestExtensionAcceptsEachNameOnce(t *testing.T) {
	u := ws.Upgrader{Extension: func(o httphead.Option) bool { return string(o.Name) == "a" }}
	conn, hs, err := upgrade(u, good.With("Sec-WebSocket-Extensions: "+offers))
	if err != nil || len(hs.Extensions) != 1 {
		t.Fatalf("got %+v, %v", hs, err)
	}
	if got := parseUpgrade(t, conn.Written).Get("Sec-WebSocket-Extensions"); got != "a; p; q=1; r=x" {
		t.Errorf("sent %q", got)
	}
}

func TestExtensionCustom(t *testing.T) {
	var lines []string
	u := ws.Upgrader{
		Extension: func(httphead.Option) bool { t.Error("Extension was asked"); return true },
		ExtensionCustom: func(line []byte, to []httphead.Option) ([]httphead.Option, bool) {
			lines = append(lines, string(line))
			return append(to, httphead.Option{Name: line[:1]}), true
		},
	}
	h := good.With("Sec-WebSocket-Extensions: a; p", "Sec-WebSocket-Extensions: b c")
	conn, hs, err := upgrade(u, h)
	if err != nil || len(hs.Extensions) != 2 || strings.Join(lines, "|") != "a; p|b c" {
		t.Fatalf("got %+v, %v after %q", hs, err, lines)
	}
	if got := parseUpgrade(t, conn.Written).Get("Sec-WebSocket-Extensions"); got != "a, b" {
		t.Errorf("sent %q", got)
	}
	u.ExtensionCustom = func([]byte, []httphead.Option) ([]httphead.Option, bool) { return nil, false }
	if conn, _, err = upgrade(u, h); !errors.Is(err, ws.ErrMalformedRequest) {
		t.Errorf("got %v", err)
	}
	wantRefusal(t, conn.Written, 400)
}

// H2: option values cannot inject anything, on either side. RFC 6455, 9.1: even
// a quoted value has to be a token, so there is nothing to quote.
func TestExtensionsH2CannotInject(t *testing.T) {
	for name, o := range map[string]httphead.Option{
		"H2: CRLF in a value":      httphead.NewOption("a", map[string]string{"p": "x\r\nX: y"}),
		"H2: LF in a value":        httphead.NewOption("a", map[string]string{"p": "x\n"}),
		"H2: backslash at the end": httphead.NewOption("a", map[string]string{"p": `v\`}),
		"H2: quote":                httphead.NewOption("a", map[string]string{"p": `"`}),
		"H2: comma":                httphead.NewOption("a", map[string]string{"p": "x, b"}),
		"H2: space":                httphead.NewOption("a", map[string]string{"p": "x y"}),
		"H2: name of a parameter":  httphead.NewOption("a", map[string]string{"p\r\nX: y": "1"}),
		"H2: empty parameter":      httphead.NewOption("a", map[string]string{"": "1"}),
		"H2: name":                 {Name: []byte("a\r\nX: y")},
		"H2: list as a name":       {Name: []byte("a, b")},
	} {
		t.Run(name, func(t *testing.T) {
			u := ws.Upgrader{Negotiate: func(httphead.Option) (httphead.Option, error) { return o, nil }}
			conn, _, err := upgrade(u, good.With("Sec-WebSocket-Extensions: a"))
			if !errors.Is(err, ws.ErrHandshakeBadResponse) {
				t.Errorf("server: got %v", err)
			}
			if resp, _ := wantRefusal(t, conn.Written, 500); resp.Header.Get("X") != "" {
				t.Errorf("injected: %q", conn.Written)
			}
			c := ws.ClientHandshake{Dialer: &ws.Dialer{Extensions: []httphead.Option{o}}}
			got, err := c.AppendRequest([]byte(dstText), mustURL("ws://h/"))
			if _, ok := errors.AsType[*ws.RequestError](err); !ok || string(got) != dstText {
				t.Errorf("client: got %q, %v", got, err)
			}
		})
	}
}

// H7: more parameters than httphead has room for in place.
func TestExtensionsWithManyParameters(t *testing.T) {
	line := "a; p0; p1; p2; p3; p4; p5; p6; p7; p8; p9=9"
	u := ws.Upgrader{Extension: func(httphead.Option) bool { return true }}
	conn, _, err := upgrade(u, good.With("Sec-WebSocket-Extensions: "+line))
	if err != nil {
		t.Fatal(err)
	}
	if got := parseUpgrade(t, conn.Written).Get("Sec-WebSocket-Extensions"); got != line {
		t.Errorf("sent %q", got)
	}
}

// RFC 6455, 9.1: a server answers with what was offered.
func TestNegotiateCannotAnswerWhatWasNotOffered(t *testing.T) {
	u := ws.Upgrader{Negotiate: func(httphead.Option) (httphead.Option, error) { return httphead.Option{Name: []byte("other")}, nil }}
	conn, _, err := upgrade(u, good.With("Sec-WebSocket-Extensions: a, b"))
	if !errors.Is(err, ws.ErrHandshakeBadResponse) {
		t.Errorf("got %v", err)
	}
	wantRefusal(t, conn.Written, 500)
}

// H7: nothing of ours compares or sorts the parameters of a shared Option.
func TestH7ASharedOptionStaysAsItIs(t *testing.T) {
	o := httphead.Option{Name: []byte("a")}
	for _, p := range strings.Split("z y x w v u t s r q", " ") {
		o.Parameters.Set([]byte(p), nil)
	}
	want := o.String()
	c := ws.ClientHandshake{Dialer: &ws.Dialer{Extensions: []httphead.Option{o}}}
	request, err := c.AppendRequest(nil, mustURL("ws://h/"))
	if err != nil || !strings.Contains(string(request), "a; z; y; x; w; v; u; t; s; r; q\r\n") {
		t.Errorf("%q, %v", request, err)
	}
	if o.String() != want {
		t.Errorf("the Option is %v now", o)
	}
}

// One head has room for the names of thousands of extensions, and a server may accept
// whatever is offered.
func TestExtensionsBeyondThe32ndAreDeclined(t *testing.T) {
	var names []string
	for i := range 1000 {
		names = append(names, fmt.Sprintf("x%x", i))
	}
	asked := 0
	u := ws.Upgrader{Negotiate: func(o httphead.Option) (httphead.Option, error) { asked++; return o, nil }}
	conn, hs, err := upgrade(u, good.With("Sec-WebSocket-Extensions: "+strings.Join(names, ",")))
	if err != nil || len(hs.Extensions) != 32 || asked != 32 {
		t.Errorf("%d extensions are accepted, %d were looked at, %v", len(hs.Extensions), asked, err)
	}
	if response := string(conn.Written); !strings.Contains(response, ", x1f\r\n") {
		t.Errorf("%q", response)
	}
}
