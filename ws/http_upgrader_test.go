package ws_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// httpServer runs u in a net/http server. What Upgrade returns comes out of
// results; connections it gave away are closed when the test ends.
type httpServer struct {
	*httptest.Server
	results chan httpResult

	mu   sync.Mutex
	open map[net.Conn]bool
}

type httpResult struct {
	conn net.Conn
	rw   *bufio.ReadWriter
	hs   ws.Handshake
	err  error
}

// serveHTTP answers /plain itself.
func serveHTTP(t *testing.T, u ws.HTTPUpgrader) *httpServer {
	s := &httpServer{results: make(chan httpResult, 16), open: map[net.Conn]bool{}}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/plain" {
			io.WriteString(w, "plain")
			return
		}
		conn, rw, hs, err := u.Upgrade(r, w)
		if conn != nil {
			t.Cleanup(func() { conn.Close() })
		}
		s.results <- httpResult{conn, rw, hs, err}
	}))
	s.Config.ReadTimeout = patience
	s.Config.WriteTimeout = patience
	s.Config.ConnState = func(c net.Conn, state http.ConnState) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open[c] = state != http.StateClosed && state != http.StateHijacked
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (s *httpServer) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return conn
}

// roundTrip sends a request and returns the response and its body.
func roundTrip(t *testing.T, conn net.Conn, br *bufio.Reader, request []byte) (*http.Response, string) {
	t.Helper()
	if _, err := conn.Write(request); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		t.Fatal(err)
	}
	body := ""
	if resp.StatusCode != 101 {
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		body = string(b)
	}
	return resp, body
}

func TestHTTPUpgraderGivesTheConnectionAway(t *testing.T) {
	s := serveHTTP(t, ws.HTTPUpgrader{})
	s.Start()
	for _, v := range wstest.Requests() {
		t.Run(v.Client, func(t *testing.T) {
			client := s.dial(t)
			br := bufio.NewReader(client)
			resp, _ := roundTrip(t, client, br, v.Raw)
			if resp.StatusCode != 101 || resp.Header.Get("Sec-WebSocket-Accept") != wstest.Accept {
				t.Fatalf("got %+v", resp)
			}
			got := <-s.results
			if got.err != nil || got.rw.Reader.Buffered() != 0 {
				t.Fatalf("got %+v", got)
			}
			client.Write([]byte("ping"))
			b := make([]byte, 4)
			got.conn.SetDeadline(time.Now().Add(patience))
			if _, err := io.ReadFull(got.conn, b); string(b) != "ping" || err != nil {
				t.Fatalf("got %q, %v", b, err)
			}
			got.conn.Write([]byte("pong"))
			if _, err := io.ReadFull(br, b); string(b) != "pong" || err != nil {
				t.Fatalf("got %q, %v", b, err)
			}
		})
	}
}

// netHTTPJudges reports whether net/http refuses or repairs the request before
// the handler sees it: how a head is written is its affair.
func netHTTPJudges(c serverCase) bool {
	for _, part := range []string{"W13", "W14", "W19", "W20", "target ", "Content-Length", "HTTP/2.0", "Host", "empty Transfer-Encoding"} {
		if strings.Contains(c.name, part) && c.name != "empty Host" {
			return true
		}
	}
	return false
}

func TestHTTPUpgraderKeepsTheSameRulesAsUpgrader(t *testing.T) {
	s := serveHTTP(t, ws.HTTPUpgrader{})
	s.Start()
	for _, c := range goodRequests {
		t.Run(c.name, func(t *testing.T) {
			client := s.dial(t)
			resp, _ := roundTrip(t, client, bufio.NewReader(client), c.in)
			if got := <-s.results; resp.StatusCode != 101 || got.err != nil {
				t.Errorf("got %d, %v", resp.StatusCode, got.err)
			}
		})
	}
	for _, c := range badRequests {
		if netHTTPJudges(c) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			client := s.dial(t)
			resp, body := roundTrip(t, client, bufio.NewReader(client), c.in)
			got := <-s.results
			if resp.StatusCode != c.status || !errors.Is(got.err, c.rule) {
				t.Errorf("got %d, %v, want %d, %v", resp.StatusCode, got.err, c.status, c.rule)
			}
			if got.conn != nil || got.rw != nil || !reflect.DeepEqual(got.hs, ws.Handshake{}) {
				t.Errorf("got %+v", got)
			}
			if r := rejected(t, got.err); len(r.Value) > 3 && strings.Contains(body, r.Value) {
				t.Errorf("the response repeats %q", r.Value)
			}
		})
	}
}

// W31: a refusal goes through the ResponseWriter: the connection is the
// server's, and good for another request.
func TestHTTPUpgraderW31KeepsTheConnectionOfARefusal(t *testing.T) {
	s := serveHTTP(t, ws.HTTPUpgrader{Header: http.Header{"X-Server": {"x"}}})
	s.Start()
	client := s.dial(t)
	br := bufio.NewReader(client)
	plain := []byte("GET /plain HTTP/1.1\r\nHost: h\r\n\r\n")
	for _, bad := range [][]byte{
		[]byte("GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
		good.Replace("Sec-WebSocket-Key", "short").Bytes(),
		good.Replace("Sec-WebSocket-Version", "8").Bytes(),
	} {
		resp, body := roundTrip(t, client, br, bad)
		if resp.StatusCode < 400 || body == "" || resp.Header.Get("X-Server") != "x" {
			t.Fatalf("got %+v, %q", resp, body)
		}
		if resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("got %v", resp.Header)
		}
		if resp, body = roundTrip(t, client, br, plain); body != "plain" {
			t.Fatalf("the next request got %+v, %q", resp, body)
		}
		<-s.results
	}
	if resp, _ := roundTrip(t, client, br, good.Bytes()); resp.StatusCode != 101 {
		t.Errorf("got %+v", resp)
	}
}

// W31: "leaks one fd per bad request": every connection ends with its client.
func TestHTTPUpgraderW31LeaksNoConnection(t *testing.T) {
	s := serveHTTP(t, ws.HTTPUpgrader{Origin: ws.SameOrigin})
	s.Start()
	for range 8 {
		client := s.dial(t)
		roundTrip(t, client, bufio.NewReader(client), []byte("GET / HTTP/1.1\r\nHost: h\r\n\r\n"))
		if got := <-s.results; got.conn != nil {
			t.Error("a connection came with the error")
		}
		client.Close()
	}
	// Close of the server waits for what is still its own.
	s.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn, open := range s.open {
		if open {
			t.Errorf("%v is open", conn.RemoteAddr())
		}
	}
	if len(s.open) != 8 {
		t.Errorf("got %d connections", len(s.open))
	}
}

func TestHTTPUpgraderW15RejectsEarlyBytesOverTheNetwork(t *testing.T) {
	s := serveHTTP(t, ws.HTTPUpgrader{})
	s.Start()
	client := s.dial(t)
	resp, _ := roundTrip(t, client, bufio.NewReader(client), append(good.Bytes(), 0x81, 0x80, 1, 2, 3, 4))
	if got := <-s.results; !errors.Is(got.err, ws.ErrHandshakeEarlyData) || got.conn != nil || resp.StatusCode != 400 {
		t.Errorf("got %+v, %+v", got, resp)
	}
}

func TestHTTPUpgraderW36Origin(t *testing.T) {
	s := serveHTTP(t, ws.HTTPUpgrader{Origin: ws.SameOrigin})
	s.Start()
	for origin, want := range map[string]int{"http://server.example.com": 101, "http://evil.example": 403, "null": 403} {
		client := s.dial(t)
		resp, _ := roundTrip(t, client, bufio.NewReader(client), good.With("Origin: "+origin).Bytes())
		if got := <-s.results; resp.StatusCode != want || (got.err == nil) != (want == 101) {
			t.Errorf("%s: got %d, %v, want %d", origin, resp.StatusCode, got.err, want)
		}
	}
}

// W37: a GET over HTTP/2 is answered, not panicked about.
func TestHTTPUpgraderW37RefusesHTTP2(t *testing.T) {
	s := serveHTTP(t, ws.HTTPUpgrader{})
	s.EnableHTTP2 = true
	s.StartTLS()
	resp, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.ProtoMajor != 2 || resp.StatusCode != 501 || !strings.Contains(string(body), "HTTP/1.1") {
		t.Errorf("got %s, %q", resp.Status, body)
	}
	if got := <-s.results; !errors.Is(got.err, ws.ErrHandshakeHTTP2) {
		t.Errorf("got %v", got.err)
	}
}

// W37: RFC 8441, section 4: an extended CONNECT.
func TestHTTPUpgraderW37RefusesExtendedCONNECT(t *testing.T) {
	r := &http.Request{
		Method: "CONNECT", Proto: "HTTP/2.0", ProtoMajor: 2, Host: "h", RequestURI: "/chat",
		Header: http.Header{":protocol": {"websocket"}, "Sec-Websocket-Version": {"13"}},
	}
	rec := httptest.NewRecorder()
	_, _, _, err := ws.UpgradeHTTP(r, rec)
	if !errors.Is(err, ws.ErrHandshakeHTTP2) || rec.Code != 501 || rejected(t, err).Value != "HTTP/2.0" {
		t.Errorf("got %v, %d", err, rec.Code)
	}
}

func TestHTTPUpgraderRefusesABodyThatNetHTTPHasTakenApart(t *testing.T) {
	for name, change := range map[string]func(*http.Request){
		"length":  func(r *http.Request) { r.ContentLength = 5 },
		"unknown": func(r *http.Request) { r.ContentLength = -1 },
		"chunked": func(r *http.Request) { r.TransferEncoding = []string{"chunked"} },
	} {
		r := goodHTTP()
		change(r)
		rec := httptest.NewRecorder()
		if _, _, _, err := ws.UpgradeHTTP(r, rec); !errors.Is(err, ws.ErrHandshakeBadBody) || rec.Code != 400 {
			t.Errorf("%s: got %v, %d", name, err, rec.Code)
		}
	}
}

func TestHTTPUpgraderNegotiates(t *testing.T) {
	r := goodHTTP()
	r.Header["Sec-Websocket-Protocol"] = []string{"a, b", "c"}
	r.Header["Sec-Websocket-Extensions"] = []string{"x; p=1, y"}
	for name, u := range map[string]ws.HTTPUpgrader{
		"Negotiate": {Negotiate: func(o httphead.Option) (httphead.Option, error) { return o, nil }},
		"Extension": {Extension: func(httphead.Option) bool { return true }},
	} {
		u.Protocol = func(p string) bool { return p == "b" || p == "c" }
		u.Header = http.Header{"Set-Cookie": {"a=1", "b=2\r\nX: y"}}
		conn := wstest.NewConn()
		w := &hijackable{conn: conn, rw: bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))}
		_, _, hs, err := u.Upgrade(r, w)
		if err != nil || hs.Protocol != "b" || len(hs.Extensions) != 2 {
			t.Fatalf("%s: got %+v, %v", name, hs, err)
		}
		h := parseUpgrade(t, conn.Written)
		if h.Get("Sec-WebSocket-Protocol") != "b" || h.Get("Sec-WebSocket-Extensions") != "x; p=1, y" {
			t.Errorf("%s: got %v", name, h)
		}
		if len(h["Set-Cookie"]) != 2 || h.Get("X") != "" {
			t.Errorf("%s: got %v", name, h)
		}
	}
}

func TestHTTPUpgraderRefusesAsItsCallbackSays(t *testing.T) {
	r := goodHTTP()
	r.Header["Sec-Websocket-Extensions"] = []string{"x"}
	for name, h := range badHeaders {
		u := ws.HTTPUpgrader{Negotiate: func(httphead.Option) (httphead.Option, error) {
			return httphead.Option{}, ws.RejectConnectionError(ws.RejectionStatus(403), ws.RejectionHeader(h))
		}}
		rec := httptest.NewRecorder()
		u.Upgrade(r, rec)
		if rec.Code != 500 || rec.Header().Get("A") != "" || rec.Body.String() != "Forbidden" {
			t.Errorf("%s: got %d %v %q", name, rec.Code, rec.Header(), rec.Body)
		}
	}
	u := ws.HTTPUpgrader{Negotiate: func(httphead.Option) (httphead.Option, error) {
		return httphead.Option{}, ws.RejectConnectionError(ws.RejectionStatus(403), ws.RejectionReason("{}"),
			ws.RejectionHeader(ws.HandshakeHeaderString("content-type: application/json\r\nA: b\r\n")))
	}}
	rec := httptest.NewRecorder()
	rec.Header().Set("Content-Length", "77")
	u.Upgrade(r, rec)
	want := http.Header{"Content-Type": {"application/json"}, "A": {"b"}, "X-Content-Type-Options": {"nosniff"}}
	if rec.Code != 403 || rec.Body.String() != "{}" || !reflect.DeepEqual(rec.Header(), want) {
		t.Errorf("got %d %v %q", rec.Code, rec.Header(), rec.Body)
	}
}

// RFC 6455, section 3: no fragment, whatever front the request comes to.
func TestUpgradeHTTPRefusesAFragmentInTheTarget(t *testing.T) {
	r := httptest.NewRequest("GET", "http://server.example.com/chat", nil)
	r.RequestURI = "/chat#f"
	r.Header = http.Header{
		"Upgrade": {"websocket"}, "Connection": {"Upgrade"},
		"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Sec-Websocket-Version": {"13"},
	}
	w := httptest.NewRecorder()
	if _, _, _, err := ws.UpgradeHTTP(r, w); !errors.Is(err, ws.ErrMalformedRequest) || w.Code != 400 {
		t.Errorf("%d, %v", w.Code, err)
	}
}

// A request that announces a body is answered without waiting for it, whatever else is
// wrong with it.
func TestHTTPUpgraderRefusesABodyWithoutWaitingForIt(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { ws.UpgradeHTTP(r, w) }))
	defer s.Close()
	for _, bad := range [][]byte{
		good.With("Content-Length: 5").Bytes(),
		good.Replace("Sec-WebSocket-Version", "8").With("Content-Length: 5").Bytes(),
		good.Replace("Sec-WebSocket-Key", "short").With("Content-Length: 5").Bytes(),
	} {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(2 * time.Second))
		conn.Write(bad)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%q: %v", bad, err)
			continue
		}
		if !resp.Close || resp.StatusCode < 400 {
			t.Errorf("got %+v", resp)
		}
	}
}
