package ws_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// RFC 6455, section 1.3: the key "dGhlIHNhbXBsZSBub25jZQ==" is answered with
// "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".
func TestServerHandshakeAnswersTheExampleOfTheRFC(t *testing.T) {
	var s ws.ServerHandshake
	response, hs, n, err := s.Next([]byte(dstText), good.Bytes())
	if err != nil || n != len(good.Bytes()) || !reflect.DeepEqual(hs, ws.Handshake{}) {
		t.Fatalf("got %+v, %d, %v", hs, n, err)
	}
	if got, want := string(response), dstText+goodResponse; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if acceptOf(wstest.Key) != wstest.Accept {
		t.Error("the tests' own accept is wrong")
	}
}

func TestServerHandshakeAcceptsClientsInUse(t *testing.T) {
	for _, v := range wstest.Requests() {
		t.Run(v.Client, func(t *testing.T) {
			var target, host string
			var protocols []string
			u := ws.Upgrader{
				OnRequest: func(uri []byte) error { target = string(uri); return nil },
				OnHost:    func(h []byte) error { host = string(h); return nil },
				Protocol:  func(p []byte) bool { protocols = append(protocols, string(p)); return false },
			}
			s := ws.ServerHandshake{Upgrader: &u}
			response, _, n, err := s.Next(nil, v.Raw)
			if err != nil || n != len(v.Raw) || string(response) != goodResponse {
				t.Fatalf("got %q, %d, %v", response, n, err)
			}
			if target != v.Target || host != v.Host || !reflect.DeepEqual(protocols, v.Protocols) {
				t.Errorf("got %q %q %q, want %q %q %q", target, host, protocols, v.Target, v.Host, v.Protocols)
			}
		})
	}
}

func TestServerHandshakeAcceptsWhatTheRFCAllows(t *testing.T) {
	for _, c := range goodRequests {
		t.Run(c.name, func(t *testing.T) {
			var s ws.ServerHandshake
			response, _, n, err := s.Next(nil, c.in)
			if err != nil || n != len(c.in) {
				t.Fatalf("got %d, %v", n, err)
			}
			if string(response) != goodResponse {
				t.Errorf("got %q", response)
			}
		})
	}
}

func TestServerHandshakeRefuses(t *testing.T) {
	for _, c := range badRequests {
		t.Run(c.name, func(t *testing.T) {
			var s ws.ServerHandshake
			response, hs, n, err := s.Next(nil, c.in)
			if n != 0 || !reflect.DeepEqual(hs, ws.Handshake{}) {
				t.Errorf("got %d, %+v", n, hs)
			}
			if c.plain {
				if err != ws.ErrNotWebSocket || len(response) > 0 {
					t.Fatalf("got %q, %v, want ErrNotWebSocket and nothing written", response, err)
				}
				return
			}
			wantRefusal(t, response, c.status)
			if rejected(t, err); !errors.Is(err, c.rule) {
				t.Errorf("got %v, want %v", err, c.rule)
			}
		})
	}
}

// #121, #143: the result does not depend on how the bytes arrive.
func TestServerHandshakeIssue121Issue143IsTheSameForEverySplit(t *testing.T) {
	cases := append(append([]serverCase{}, goodRequests...), badRequests...)
	for _, v := range wstest.Requests() {
		cases = append(cases, serverCase{name: v.Client, in: v.Raw})
	}
	u := ws.Upgrader{
		Protocol:  func([]byte) bool { return true },
		Extension: func(httphead.Option) bool { return true },
	}
	for _, c := range cases {
		if len(c.in) > 2048 {
			continue // W13 has its own splits
		}
		t.Run(c.name, func(t *testing.T) {
			frame := []byte{0x81, 0x80, 1, 2, 3, 4}
			in := append(bytes.Clone(c.in), frame...)
			whole, short := feed(t, &ws.ServerHandshake{Upgrader: &u}, [][]byte{in})
			if short {
				t.Fatal("the whole request is short")
			}
			for name, pieces := range wstest.Splits(in) {
				got, short := feed(t, &ws.ServerHandshake{Upgrader: &u}, pieces)
				if short || !reflect.DeepEqual(got, whole) {
					t.Fatalf("%s: got %+v, want %+v", name, got, whole)
				}
			}
		})
	}
}

func TestServerHandshakeIsShortForEveryTruncation(t *testing.T) {
	for _, v := range wstest.Requests() {
		for i := range v.Raw {
			var s ws.ServerHandshake
			if _, short := feed(t, &s, [][]byte{v.Raw[:i]}); !short && i > 0 {
				t.Fatalf("%s: %q is not short", v.Client, v.Raw[:i])
			}
		}
	}
}

// A client that sends byte by byte costs linear time: what was looked at is not
// looked at again, so it can be something else meanwhile.
func TestServerHandshakeReadsNothingTwice(t *testing.T) {
	for _, v := range wstest.Requests() {
		var s ws.ServerHandshake
		seen := bytes.Repeat([]byte{'\n'}, len(v.Raw))
		for i := 1; i < len(v.Raw); i++ {
			b := append(bytes.Clone(seen[:max(0, i-2)]), v.Raw[max(0, i-2):i]...)
			if _, _, _, err := s.Next(nil, b); err != ws.ErrShort {
				t.Fatalf("%s: byte %d: %v", v.Client, i, err)
			}
		}
		if _, _, n, err := s.Next(nil, v.Raw); err != nil || n != len(v.Raw) {
			t.Fatalf("%s: got %d, %v", v.Client, n, err)
		}
	}
}

// W13: the limits hold byte by byte too, and no byte over them is waited for.
func TestServerHandshakeW13StopsAtTheLimits(t *testing.T) {
	in := good.Bytes()
	lines := len(good.Lines)
	long := len("Sec-WebSocket-Key: " + wstest.Key)
	cases := []struct {
		name   string
		limits httpx.Limits
		ok     bool
	}{
		{"head n", httpx.Limits{Head: len(in)}, true},
		{"head n-1", httpx.Limits{Head: len(in) - 1}, false},
		{"head n+1", httpx.Limits{Head: len(in) + 1}, true},
		{"line n", httpx.Limits{Line: long}, true},
		{"line n-1", httpx.Limits{Line: long - 1}, false},
		{"fields n", httpx.Limits{Fields: lines}, true},
		{"fields n-1", httpx.Limits{Fields: lines - 1}, false},
	}
	for _, c := range cases {
		t.Run("W13: "+c.name, func(t *testing.T) {
			u := ws.Upgrader{Limits: c.limits}
			for name, pieces := range wstest.Splits(in) {
				got, short := feed(t, &ws.ServerHandshake{Upgrader: &u}, pieces)
				if short {
					t.Fatalf("%s: short", name)
				}
				if ok := got.Err == ""; ok != c.ok {
					t.Fatalf("%s: got %+v", name, got)
				}
				if !c.ok && !strings.Contains(got.Response, "HTTP/1.1 431 ") {
					t.Fatalf("%s: got %q", name, got.Response)
				}
			}
		})
	}
}

// #159: the bytes of a request for something else are the caller's, and nobody
// has been asked about it.
func TestServerHandshakeIssue159HandsPlainRequestsBack(t *testing.T) {
	called := func() error { t.Error("a callback was called"); return nil }
	u := ws.Upgrader{
		Origin:          func(_, _ []byte) bool { called(); return false },
		OnHandshake:     func(httpx.Request) error { return called() },
		OnRequest:       func([]byte) error { return called() },
		OnHost:          func([]byte) error { return called() },
		OnHeader:        func(_, _ []byte) error { return called() },
		OnBeforeUpgrade: func() (ws.HandshakeHeader, error) { return nil, called() },
	}
	for _, in := range []string{
		"GET / HTTP/1.1\r\nHost: h\r\nOrigin: http://evil\r\n\r\n",
		"GET / HTTP/1.0\r\n\r\n",
		"POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
		"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	} {
		s := ws.ServerHandshake{Upgrader: &u}
		b := []byte(in)
		response, _, n, err := s.Next([]byte(dstText), b)
		if err != ws.ErrNotWebSocket || n != 0 || string(response) != dstText || string(b) != in {
			t.Errorf("%q: got %q, %d, %v, input now %q", in, response, n, err, b)
		}
	}
}

// b[n:] are the first frames.
func TestServerHandshakeLeavesEarlyFrames(t *testing.T) {
	var s ws.ServerHandshake
	frame := []byte{0x81, 0x80, 1, 2, 3, 4}
	b := append(good.Bytes(), frame...)
	response, _, n, err := s.Next(nil, b)
	if err != nil || !bytes.Equal(b[n:], frame) || string(response) != goodResponse {
		t.Errorf("got %q, %d, %v", response, n, err)
	}
}

func TestServerHandshakeAnswersAgainWhenAskedAgain(t *testing.T) {
	for _, in := range [][]byte{good.Bytes(), []byte("GET\r\n\r\n"), []byte("GET / HTTP/1.1\r\nHost: h\r\n\r\n")} {
		var s ws.ServerHandshake
		first := outcomeOf(s.Next(nil, in))
		if again := outcomeOf(s.Next(nil, in)); !reflect.DeepEqual(again, first) {
			t.Errorf("got %+v, then %+v", first, again)
		}
		s = ws.ServerHandshake{}
		if reset := outcomeOf(s.Next(nil, in)); !reflect.DeepEqual(reset, first) {
			t.Errorf("got %+v, after a reset %+v", first, reset)
		}
	}
}

func TestServerHandshakeDoesNotAllocate(t *testing.T) {
	chrome := wstest.Requests()[0].Raw
	looks := ws.Upgrader{
		Origin:      ws.SameOrigin,
		OnHandshake: func(httpx.Request) error { return nil },
		OnRequest:   func([]byte) error { return nil },
		OnHost:      func([]byte) error { return nil },
		OnHeader:    func(_, _ []byte) error { return nil },
	}
	dst := make([]byte, 0, 1024)
	for _, u := range []*ws.Upgrader{nil, &looks} {
		wantAllocs(t, 0, func() {
			s := ws.ServerHandshake{Upgrader: u}
			if _, _, _, err := s.Next(dst, chrome); err != nil {
				t.Error(err)
			}
		})
	}
	// The rejection and its copy of the value.
	bad := good.Replace("Connection", "close").Bytes()
	wantAllocs(t, 2, func() {
		var s ws.ServerHandshake
		if _, _, _, err := s.Next(dst, bad); err == nil {
			t.Error("accepted")
		}
	})
}

func BenchmarkServerHandshake(b *testing.B) {
	chrome := wstest.Requests()[0].Raw
	dst := make([]byte, 0, 1024)
	b.SetBytes(int64(len(chrome)))
	b.ReportAllocs()
	for b.Loop() {
		var s ws.ServerHandshake
		if _, _, _, err := s.Next(dst, chrome); err != nil {
			b.Fatal(err)
		}
	}
}
