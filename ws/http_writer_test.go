package ws_test

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

func newHijackable(conn *deadlineConn) *hijackable {
	return &hijackable{
		ResponseRecorder: *httptest.NewRecorder(),
		conn:             conn,
		rw:               bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn)),
	}
}

func TestHTTPUpgraderLeavesOutFieldsOfTheHandshake(t *testing.T) {
	header := http.Header{
		"Content-Length": {"5"}, "Transfer-Encoding": {"identity"}, "connection": {"keep-alive"}, "Upgrade": {"h2c"},
		"Sec-Websocket-Accept": {"mine"}, "Sec-WebSocket-Protocol": {"mine"}, "X-Ours": {"yes"}, "": {"none"},
	}
	var conn deadlineConn
	if _, _, _, err := (ws.HTTPUpgrader{Header: header}).Upgrade(goodHTTP(), newHijackable(&conn)); err != nil {
		t.Fatal(err)
	}
	h := parseUpgrade(t, conn.Written)
	want := http.Header{"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Accept": {wstest.Accept}, "X-Ours": {"yes"}}
	if len(h) != len(want) || h.Get("X-Ours") != "yes" || h.Get("Connection") != "Upgrade" {
		t.Errorf("got %v", h)
	}
	if len(header) != 8 {
		t.Errorf("the caller's header has become %v", header)
	}
	r := goodHTTP()
	r.Header.Del("Sec-WebSocket-Key")
	rec := httptest.NewRecorder()
	if _, _, _, err := (ws.HTTPUpgrader{Header: header}).Upgrade(r, rec); err == nil || rec.Code != 400 || rec.Header().Get("X-Ours") != "yes" {
		t.Errorf("got %d %v, %v", rec.Code, rec.Header(), err)
	}
}

func TestHTTPUpgraderByWriter(t *testing.T) {
	take := func(o httphead.Option) (httphead.Option, error) { return o, nil }
	u := ws.HTTPUpgrader{ByWriter: true, Timeout: time.Hour, Negotiate: take, Header: http.Header{"X-Ours": {"yes"}, "Upgrade": {"h2c"}}}
	u.Protocol = ws.SelectEqual("b")
	r := goodHTTP()
	r.Header["Sec-Websocket-Protocol"] = []string{"a, b"}
	r.Header["Sec-Websocket-Extensions"] = []string{"x; p=1, y"}
	var conn deadlineConn
	w := newHijackable(&conn)
	w.Header().Set("X-Theirs", "yes")
	w.Header().Set("Content-Length", "5")
	got, _, hs, err := u.Upgrade(r, wrapper{w})
	if err != nil || got == nil || hs.Protocol != "b" || len(hs.Extensions) != 2 {
		t.Fatal(got, hs, err)
	}
	if len(conn.Written) > 0 || conn.set == 0 || !conn.write.IsZero() {
		t.Errorf("written %q, deadline %v", conn.Written, conn.write)
	}
	want := map[string]string{
		"Upgrade": "websocket", "Connection": "Upgrade", "Sec-Websocket-Accept": wstest.Accept, "X-Ours": "yes", "X-Theirs": "yes",
		"Sec-Websocket-Protocol": "b", "Sec-Websocket-Extensions": "x; p=1, y",
	}
	h := w.Result().Header
	for name, value := range want {
		if len(h[name]) != 1 || h[name][0] != value {
			t.Errorf("%s: got %q, want %q", name, h[name], value)
		}
	}
	if w.Code != 101 || len(h) != len(want) {
		t.Errorf("got status %d, %v", w.Code, h)
	}
}

// Nobody is told 101 who would not be spoken to then.
func TestHTTPUpgraderByWriterRefusesBeforeItSwitches(t *testing.T) {
	broken := httphead.Option{Name: []byte("x"), Parameters: httphead.Parameters{}}
	broken.Parameters.Set([]byte("p"), []byte("a b"))
	for name, c := range map[string]struct {
		u  ws.HTTPUpgrader
		w  func(*httptest.ResponseRecorder) http.ResponseWriter
		is error
	}{
		"no Hijacker":   {ws.HTTPUpgrader{}, func(r *httptest.ResponseRecorder) http.ResponseWriter { return wrapper{wrapper{r}} }, ws.ErrNotHijacker},
		"bad extension": {ws.HTTPUpgrader{Negotiate: func(httphead.Option) (httphead.Option, error) { return broken, nil }}, func(r *httptest.ResponseRecorder) http.ResponseWriter { return failingHijack{r} }, ws.ErrHandshakeBadResponse},
	} {
		r := goodHTTP()
		r.Header["Sec-Websocket-Extensions"] = []string{"x"}
		rec := httptest.NewRecorder()
		c.u.ByWriter = true
		if _, _, _, err := c.u.Upgrade(r, c.w(rec)); !errors.Is(err, c.is) || rec.Code != 500 || rec.Header().Get("Upgrade") != "" {
			t.Errorf("%s: got %d %v, %v", name, rec.Code, rec.Header(), err)
		}
	}
	rec := httptest.NewRecorder()
	_, _, _, err := ws.HTTPUpgrader{ByWriter: true}.Upgrade(goodHTTP(), failingHijack{rec})
	if !errors.Is(err, ws.ErrNotHijacker) || !errors.Is(err, io.ErrClosedPipe) || rec.Code != 101 {
		t.Errorf("got %d, %v", rec.Code, err)
	}
}

// What the server has left in its buffers is not lost, in either direction.
func TestHTTPUpgraderByWriterEmptiesTheBuffers(t *testing.T) {
	conn := deadlineConn{Conn: wstest.Conn{Pieces: [][]byte{[]byte("early"), []byte("late")}}}
	w := newHijackable(&conn)
	w.rw.Reader.Peek(1)
	w.rw.WriteString("head")
	got, rw, _, err := ws.HTTPUpgrader{ByWriter: true}.Upgrade(goodHTTP(), w)
	if err != nil || rw.Reader.Buffered() != 0 || string(conn.Written) != "head" {
		t.Fatalf("%v, %d bytes left, written %q", err, rw.Reader.Buffered(), conn.Written)
	}
	if b, _ := io.ReadAll(got); string(b) != "earlylate" {
		t.Errorf("got %q", b)
	}
}

// RFC 9112, 3.2.2, is net/http's to apply; what a middleware has made of it
// since then counts.
func TestHTTPUpgraderComparesTheOriginWithHost(t *testing.T) {
	for origin, status := range map[string]int{"https://public.example.com": 101, "https://inner.example.com": 403} {
		r := goodHTTP()
		r.Host, r.RequestURI = "public.example.com", "http://inner.example.com/chat"
		r.Header.Set("Origin", origin)
		var conn deadlineConn
		w := newHijackable(&conn)
		ws.HTTPUpgrader{Origin: ws.SameOrigin, ByWriter: true}.Upgrade(r, w)
		if w.Code != status {
			t.Errorf("%s: got %d, want %d", origin, w.Code, status)
		}
	}
}

// Other servers have writers of their own, some of which put Content-Length: 0
// into a 101. Requests made by hand and by httptest have no server at all.
func TestHTTPUpgraderByWriterOfAnotherServer(t *testing.T) {
	for addr, by := range map[string]bool{"": true, httptest.NewRequest("GET", "/", nil).RemoteAddr: true, "127.0.0.1:1234": false, "[::1]:1234": false} {
		r := goodHTTP()
		r.RemoteAddr = addr
		var conn deadlineConn
		w := newHijackable(&conn)
		w.Header().Set("X-Theirs", "yes")
		if _, _, _, err := (ws.HTTPUpgrader{ByWriter: true}).Upgrade(r, w); err != nil {
			t.Fatal(err)
		}
		if got := len(conn.Written) == 0; got != by {
			t.Errorf("from %q: by the writer: %v, want %v", addr, got, by)
		}
		if !by && parseUpgrade(t, conn.Written).Get("X-Theirs") != "yes" {
			t.Errorf("from %q: got %q", addr, conn.Written)
		}
	}
}
