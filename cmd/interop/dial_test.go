package interop_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// dialSuite is for a client of websocket.Dial.
var dialSuite = suite{
	colText:      dialText,
	colBinary:    dialBinary,
	colFragments: dialFragments,
	colPing:      dialPing,
	colByClient:  dialCloseByUs,
	colByServer:  dialCloseByThem,
	colBig:       dialBig,
	colMany:      dialMany,
	colDeflate:   dialDeflate,
	colHandshake: dialHandshake,
}

// friend is a connection that websocket.Dial has opened.
type friend struct {
	*websocket.Conn
	t    *testing.T
	ctx  context.Context
	resp *http.Response
}

func (s server) open(t *testing.T, url string, opts *websocket.DialOptions) friend {
	t.Helper()
	f, err := s.tryOpen(t, url, opts)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (s server) tryOpen(t *testing.T, url string, opts *websocket.DialOptions) (friend, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	if opts == nil {
		opts = &websocket.DialOptions{}
	}
	opts.HTTPClient = &http.Client{Transport: &http.Transport{TLSClientConfig: s.dialer.TLSConfig}}
	c, resp, err := websocket.Dial(ctx, url, opts)
	if err != nil {
		return friend{resp: resp}, err
	}
	t.Cleanup(func() { c.CloseNow() })
	c.SetReadLimit(readLimit)
	return friend{c, t, ctx, resp}, nil
}

// comesBack sends a message while it reads the echo.
func (f friend) comesBack(typ websocket.MessageType, p []byte) {
	f.t.Helper()
	sent := make(chan error, 1)
	go func() { sent <- f.Write(f.ctx, typ, p) }()
	f.want(typ, p)
	if err := <-sent; err != nil {
		f.t.Fatal(err)
	}
}

func (f friend) want(typ websocket.MessageType, p []byte) {
	f.t.Helper()
	gotType, got, err := f.Read(f.ctx)
	if err != nil || gotType != typ || !bytes.Equal(got, p) {
		f.t.Fatalf("%v with %d bytes %.64q, error %v; want %v with %d bytes %.64q", gotType, len(got), got, err, typ, len(p), p)
	}
}

// close closes with a code, which has to come back.
func (f friend) close(code ws.StatusCode) {
	f.t.Helper()
	if err := f.CloseContext(f.ctx, websocket.StatusCode(code), closeReason(code)); err != nil {
		f.t.Fatalf("close with %d: %v", code, err)
	}
}

// wantClose reads the close frame of the server, which Read answers.
func (f friend) wantClose(code ws.StatusCode) {
	f.t.Helper()
	_, _, err := f.Read(f.ctx)
	end, ok := errors.AsType[*websocket.ConnError](err)
	if !ok || end.By != websocket.EndedByPeer || !end.Clean() || *end.Received != (wsproto.CloseFrame{Code: code, Reason: closeReason(code)}) {
		f.t.Fatalf("error %v, want the end by a close frame with %d", err, code)
	}
}

func dialText(t *testing.T, s server) string {
	f := s.open(t, s.url("/echo"), nil)
	f.comesBack(websocket.MessageText, []byte("Hello, 世界 👋"))
	for _, n := range small() {
		f.comesBack(websocket.MessageText, bytes.Repeat([]byte("x"), n))
	}
	f.close(1000)
	return count(1 + len(small()))
}

func dialBinary(t *testing.T, s server) string {
	f := s.open(t, s.url("/echo"), nil)
	for _, n := range small() {
		f.comesBack(websocket.MessageBinary, random(n))
	}
	f.close(1000)
	return count(len(small()))
}

func dialBig(t *testing.T, s server) string {
	f := s.open(t, s.url("/echo"), nil)
	f.comesBack(websocket.MessageText, bytes.Repeat([]byte("x"), 5<<20))
	f.comesBack(websocket.MessageBinary, random(5<<20))
	f.close(1000)
	return count(2)
}

func dialBigText(t *testing.T, s server) string {
	f := s.open(t, s.url("/echo"), nil)
	f.comesBack(websocket.MessageText, bytes.Repeat([]byte("x"), 5<<20))
	f.close(1000)
	return count(1)
}

// dialFragments writes a message in three fragments of a Writer, with a ping
// between them.
func dialFragments(t *testing.T, s server) string {
	f := s.open(t, s.url("/echo"), nil)
	p := bytes.Repeat([]byte("Hello, 世界 👋. "), 8<<10)
	w, err := f.Writer(f.ctx, websocket.MessageText)
	if err != nil {
		t.Fatal(err)
	}
	echo := make(chan []byte, 1)
	for _, piece := range [][]byte{p[:70_000], p[70_000:150_000], p[150_000:]} {
		if _, err := w.Write(piece); err != nil {
			t.Fatal(err)
		}
		if len(piece) == 80_000 { // two fragments are on their way
			go func() {
				_, got, _ := f.Read(f.ctx)
				echo <- got
			}()
			if err := f.Ping(f.ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-echo; !bytes.Equal(got, p) {
		t.Fatalf("%d bytes came back of %d", len(got), len(p))
	}
	f.close(1000)
	if s.noFragments {
		return count(1)
	}

	var pings []string
	f = s.open(t, s.url("/fragments"), &websocket.DialOptions{OnPingReceived: func(_ context.Context, p []byte) bool {
		pings = append(pings, string(p))
		return true
	}})
	f.want(websocket.MessageText, []byte("Hello, 世界"))
	f.want(websocket.MessageText, []byte("pong inside"))
	if len(pings) != 1 || pings[0] != "inside" {
		t.Errorf("pings %q, want the one inside their message", pings)
	}
	f.close(1000)
	return count(2)
}

// dialPing waits for pongs, while another goroutine reads.
func dialPing(t *testing.T, s server) string {
	f := s.open(t, s.url("/echo"), nil)
	got := make(chan []byte, 2)
	go func() {
		for range 2 {
			_, p, _ := f.Read(f.ctx)
			got <- p
		}
	}()
	for range 2 {
		if rtt, err := f.PingRTT(f.ctx); err != nil || rtt <= 0 {
			t.Fatalf("ping: %v, error %v", rtt, err)
		}
	}
	if err := f.Write(f.ctx, websocket.MessageText, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := f.Ping(f.ctx); err != nil {
		t.Fatalf("ping after a message: %v", err)
	}
	if err := f.Write(f.ctx, websocket.MessageText, []byte("second")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"first", "second"} {
		if p := <-got; string(p) != want {
			t.Errorf("%q, want %q", p, want)
		}
	}
	f.close(1000)
	return count(3)
}

func dialCloseByUs(t *testing.T, s server) string {
	for _, code := range s.codes {
		s.open(t, s.url("/echo"), nil).close(code)
	}
	f := s.open(t, s.url("/echo"), nil)
	// RFC 6455, 5.5.1: typically the code is echoed; aiohttp makes it 1000.
	if err := f.CloseContext(f.ctx, websocket.StatusNoStatusRcvd, ""); err != nil && websocket.CloseStatus(err) != 1000 {
		t.Errorf("close without a code: %v", err)
	}
	return count(len(s.codes) + 1)
}

func dialCloseByThem(t *testing.T, s server) string {
	for _, code := range s.codes {
		query := url.Values{"code": {strconv.Itoa(int(code))}, "reason": {closeReason(code)}}
		s.open(t, s.url("/close?"+query.Encode()), nil).wantClose(code)
		var seen struct{ Code ws.StatusCode }
		if !next(t, s.lines, &seen) || seen.Code != code {
			t.Errorf("the server has seen our answer to %d as %d", code, seen.Code)
		}
	}
	return count(len(s.codes))
}

// dialMany lets Serve take the echoes, and closes inside its handler.
func dialMany(t *testing.T, s server) string {
	f := s.open(t, s.url("/echo"), nil)
	sent := make(chan error, 1)
	go func() {
		for i := range manyMessages {
			if err := f.Write(f.ctx, websocket.MessageText, fmt.Append(nil, "message ", i)); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	n := 0
	err := f.Serve(f.ctx, func(_ context.Context, typ websocket.MessageType, p []byte) error {
		if want := fmt.Append(nil, "message ", n); typ != websocket.MessageText || !bytes.Equal(p, want) {
			return fmt.Errorf("%v %.64q, want %q", typ, p, want)
		}
		if n++; n == manyMessages {
			return f.Close(websocket.StatusNormalClosure, "")
		}
		return nil
	})
	if err := <-sent; err != nil {
		t.Error(err)
	}
	if n != manyMessages || websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		t.Errorf("%d messages came back, then %v", n, err)
	}
	return count(1)
}

// dialDeflate tries the modes of compression, with all messages compressed and
// with those from the default threshold on.
func dialDeflate(t *testing.T, s server) string {
	cases := 0
	for _, mode := range []websocket.CompressionMode{websocket.CompressionContextTakeover, websocket.CompressionNoContextTakeover} {
		for _, threshold := range []int{0, 1} {
			f := s.open(t, s.url("/echo"), &websocket.DialOptions{CompressionMode: mode, CompressionThreshold: threshold})
			if answer := f.resp.Header.Get("Sec-WebSocket-Extensions"); !strings.HasPrefix(answer, wsflate.ExtensionName) {
				t.Errorf("mode %d: the answer is %q", mode, answer)
			}
			prose := bytes.Repeat([]byte("Hello, 世界 👋. "), 1000)
			for _, m := range [][]byte{prose, random(10_000), nil, prose, bytes.Repeat([]byte("y"), 100_000)} {
				f.comesBack(websocket.MessageBinary, m)
			}
			f.close(1000)
			cases++
		}
	}
	return count(cases)
}

func dialHandshake(t *testing.T, s server) string {
	for range 20 {
		f := s.open(t, s.url("/early"), nil)
		f.want(websocket.MessageText, []byte("early"))
		f.want(websocket.MessageBinary, []byte{1, 2, 3})
		f.comesBack(websocket.MessageText, []byte("late"))
		f.close(1000)
	}
	dialSubprotocol(t, s)
	dialRefusal(t, s)
	dialAuthentication(t, s)
	return count(4)
}

func dialSubprotocol(t *testing.T, s server) {
	for _, test := range []struct {
		offer []string
		want  string
	}{
		{nil, ""},
		{[]string{"chat"}, "chat"},
		{[]string{"unknown", "chat"}, "chat"},
	} {
		f := s.open(t, s.url("/echo"), &websocket.DialOptions{Subprotocols: test.offer})
		if got := f.Subprotocol(); got != test.want {
			t.Errorf("%q: agreed on %q, want %q", test.offer, got, test.want)
		}
		f.close(1000)
	}
}

func dialRefusal(t *testing.T, s server) {
	f, err := s.tryOpen(t, s.url("/refuse"), nil)
	refusal, ok := errors.AsType[*ws.ResponseError](err)
	if !ok || f.resp == nil {
		t.Fatalf("error %v and response %v, want a *ws.ResponseError and what it is about", err, f.resp)
	}
	body, _ := io.ReadAll(f.resp.Body)
	if refusal.Status != 403 || f.resp.StatusCode != 403 || f.resp.Header.Get("X-Why") != "weather" || string(refusal.Body) != "not today" || string(body) != "not today" {
		t.Errorf("got %d and %d with header %v and body %q", refusal.Status, f.resp.StatusCode, f.resp.Header, body)
	}
}

func dialAuthentication(t *testing.T, s server) {
	f := s.open(t, s.scheme+"://Aladdin:open%20sesame@"+s.host+"/auth", nil)
	f.want(websocket.MessageText, []byte("welcome"))
	f.close(1000)
	for _, userinfo := range []string{"", "Aladdin:open@"} {
		f, err := s.tryOpen(t, s.scheme+"://"+userinfo+s.host+"/auth", nil)
		if f.resp == nil || f.resp.StatusCode != 401 || strings.Contains(fmt.Sprint(err), "open@") {
			t.Errorf("%q: error %v, want status 401, and no password", userinfo, err)
		}
	}
}
