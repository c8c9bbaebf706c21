package serve_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

func TestThePageIsServedSoThatNoOtherCodeRunsInIt(t *testing.T) {
	eachWay(t, testThePageIsServedSoThatNoOtherCodeRunsInIt)
}

func testThePageIsServedSoThatNoOtherCodeRunsInIt(t *testing.T, o serve.Options) {
	s := start(t, o)
	for path, contentType := range map[string]string{
		"/":            "text/html; charset=utf-8",
		"/app.js":      "text/javascript; charset=utf-8",
		"/server.js":   "text/javascript; charset=utf-8",
		"/chat.js":     "text/javascript; charset=utf-8",
		"/style.css":   "text/css; charset=utf-8",
		"/favicon.svg": "image/svg+xml",
	} {
		resp, body := s.get(t, path, nil)
		if resp.StatusCode != 200 || body == "" {
			t.Errorf("%s: status %d with %d bytes", path, resp.StatusCode, len(body))
		}
		for name, want := range map[string]string{
			"Content-Type":            contentType,
			"X-Content-Type-Options":  "nosniff",
			"Referrer-Policy":         "no-referrer",
			"Cache-Control":           "no-cache",
			"Content-Security-Policy": "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'",
		} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}

func TestWhatIsNoPartOfThePageIsNotFound(t *testing.T) {
	eachWay(t, testWhatIsNoPartOfThePageIsNotFound)
}

func testWhatIsNoPartOfThePageIsNotFound(t *testing.T, o serve.Options) {
	s := start(t, o)
	for _, path := range []string{"/page.go", "/nothing", "/echo/more", "/../server.go"} {
		if resp, _ := s.get(t, path, nil); resp.StatusCode != 404 {
			t.Errorf("%s: status %d, want 404", path, resp.StatusCode)
		}
	}
}

func TestHealthzSaysOK(t *testing.T) { eachWay(t, testHealthzSaysOK) }

func testHealthzSaysOK(t *testing.T, o serve.Options) {
	resp, body := start(t, o).get(t, "/healthz", nil)
	if resp.StatusCode != 200 || body != "ok\n" || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, body %q, header %v", resp.StatusCode, body, resp.Header)
	}
}

func TestEchoAnswersWhatIsNoHandshakeWithItsStatus(t *testing.T) {
	eachWay(t, testEchoAnswersWhatIsNoHandshakeWithItsStatus)
}

func testEchoAnswersWhatIsNoHandshakeWithItsStatus(t *testing.T, o serve.Options) {
	s := start(t, o)
	resp, body := s.get(t, "/echo", nil)
	if resp.StatusCode != 400 || !strings.Contains(body, `"Upgrade"`) {
		t.Errorf("plain GET: status %d, body %q; want 400 that names Upgrade", resp.StatusCode, body)
	}
	old := http.Header{
		"Connection":            {"Upgrade"},
		"Upgrade":               {"websocket"},
		"Sec-Websocket-Key":     {wstest.Key},
		"Sec-Websocket-Version": {"8"},
	}
	resp, _ = s.get(t, "/echo", old)
	if resp.StatusCode != 426 || resp.Header.Get("Sec-WebSocket-Version") != "13" {
		t.Errorf("version 8: status %d, header %v; want 426 with version 13", resp.StatusCode, resp.Header)
	}
}

// dialFrom dials with that Origin and returns the status of the refusal, 101
// if there was none.
func (s *testServer) dialFrom(t *testing.T, origin string) int {
	t.Helper()
	d := ws.Dialer{}
	if origin != "" {
		d.Header = ws.HandshakeHeaderString("Origin: " + origin + "\r\n")
	}
	return s.status(t, d)
}

func (s *testServer) status(t *testing.T, d ws.Dialer) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, _, _, err := d.Dial(ctx, "ws://"+s.addr+"/echo")
	if refusal, ok := errors.AsType[*ws.ResponseError](err); ok {
		return refusal.Status
	}
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	return 101
}

func TestThePageOfAnotherOriginIsRefused(t *testing.T) {
	eachWay(t, testThePageOfAnotherOriginIsRefused)
}

func testThePageOfAnotherOriginIsRefused(t *testing.T, o serve.Options) {
	same, some, all := o, o, o
	some.Origins, all.Origins = []string{"https://*.example.com", "localhost:*"}, []string{"*"}
	for _, c := range []struct {
		name   string
		o      serve.Options
		origin string
		want   int
	}{
		{"no Origin", same, "", 101},
		{"W36: another origin by default", same, "http://evil.test", 403},
		{"W36: null by default", same, "null", 403},
		{"matching pattern", some, "https://app.example.com", 101},
		{"matching host and port", some, "http://localhost:3000", 101},
		{"other scheme than the pattern's", some, "http://app.example.com", 403},
		{"pattern as a mere part", some, "https://app.example.com.evil.test", 403},
		{"no policy", all, "http://evil.test", 101},
	} {
		if got := start(t, c.o).dialFrom(t, c.origin); got != c.want {
			t.Errorf("%s: status %d, want %d", c.name, got, c.want)
		}
	}
	s := start(t, same)
	if got := s.dialFrom(t, "http://"+s.addr); got != 101 {
		t.Errorf("same origin: status %d, want 101", got)
	}
}

func TestARequestHeadOverTheLimitIsRefused(t *testing.T) {
	eachWay(t, testARequestHeadOverTheLimitIsRefused)
}

func testARequestHeadOverTheLimitIsRefused(t *testing.T, o serve.Options) {
	o.MaxHead = 1000
	s := start(t, o)
	long := func(n int) int {
		return s.status(t, ws.Dialer{Header: ws.HandshakeHeaderString("X-Long: " + strings.Repeat("x", n) + "\r\n")})
	}
	if got := long(700); got != 101 {
		t.Errorf("head below the limit: status %d, want 101", got)
	}
	if got := long(1000 + 4096); got != 431 {
		t.Errorf("head over the limit: status %d, want 431", got)
	}
}

// A connection that has got the page, or a part of it, may become a WebSocket.
func TestAConnectionMayBeUpgradedAfterThePage(t *testing.T) {
	eachWay(t, func(t *testing.T, o serve.Options) {
		s := start(t, o)
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(patience))
		r := bufio.NewReader(conn)
		io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: "+s.addr+"\r\n\r\n")
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); string(body) != "ok\n" || err != nil {
			t.Errorf("%q, %v", body, err)
		}
		if _, _, err := (ws.Dialer{}).Upgrade(conn, &url.URL{Scheme: "ws", Host: s.addr, Path: "/echo"}); err != nil {
			t.Fatal(err)
		}
		p := peer{conn, t}
		p.send(masked(ws.OpText, true, "Hello"))
		p.want("echo", ws.OpText, []byte("Hello"))
		if v := s.vars(t).WebSocket; v.Open != 1 {
			t.Errorf("%+v are counted", v)
		}
	})
}

func TestMoreConnectionsThanAllowedAreRefusedUntilOneEnds(t *testing.T) {
	eachWay(t, testMoreConnectionsThanAllowedAreRefusedUntilOneEnds)
}

func testMoreConnectionsThanAllowedAreRefusedUntilOneEnds(t *testing.T, o serve.Options) {
	o.MaxConns = 2
	s := start(t, o)
	first, second := s.connect(t), s.connect(t)
	for _, p := range []peer{first, second} { // a connection counts once it is open, on its loop
		p.send(masked(ws.OpText, true, "there"))
		p.want("echo", ws.OpText, []byte("there"))
	}
	if got := s.status(t, ws.Dialer{}); got != 503 {
		t.Errorf("third connection: status %d, want 503", got)
	}
	// What is refused takes no place.
	if got := s.dialFrom(t, "http://evil.test"); got != 503 && got != 403 {
		t.Errorf("third connection, other origin: status %d, want 503 or 403", got)
	}
	first.send(closing(1000, ""))
	first.wantClose("first connection", 1000, "")
	eventually(t, "a place is free", func() bool { return s.status(t, ws.Dialer{}) == 101 })
	second.send(masked(ws.OpText, true, "still there"))
	second.want("second connection", ws.OpText, []byte("still there"))
}

func TestARefusedHandshakeTakesNoPlace(t *testing.T) { eachWay(t, testARefusedHandshakeTakesNoPlace) }

func testARefusedHandshakeTakesNoPlace(t *testing.T, o serve.Options) {
	o.MaxConns = 1
	s := start(t, o)
	for range 10 {
		if got := s.dialFrom(t, "http://evil.test"); got != 403 {
			t.Fatalf("status %d, want 403", got)
		}
	}
	if got := s.status(t, ws.Dialer{}); got != 101 {
		t.Errorf("status %d, want 101", got)
	}
}

// refusals are the records of a log that tell of handshakes that were refused.
type refusals chan slog.Record

func (r refusals) Enabled(context.Context, slog.Level) bool { return true }
func (r refusals) WithAttrs([]slog.Attr) slog.Handler       { return r }
func (r refusals) WithGroup(string) slog.Handler            { return r }
func (r refusals) Handle(_ context.Context, rec slog.Record) error {
	if rec.Message == "refused" {
		r <- rec
	}
	return nil
}

func TestEachRefusalIsLogged(t *testing.T) { eachWay(t, testEachRefusalIsLogged) }

func testEachRefusalIsLogged(t *testing.T, o serve.Options) {
	logged := make(refusals, 10)
	o.Log = slog.New(logged)
	s := start(t, o)
	for name, c := range map[string]struct {
		d    ws.Dialer
		path string
		want string
	}{
		"another origin": {ws.Dialer{Header: ws.HandshakeHeaderString("Origin: http://evil.test\r\n")}, "/echo", "evil.test"},
		"a bad query":    {ws.Dialer{}, "/time?rate=fast", "rate"},
	} {
		if _, err := s.dialTo(c.d, c.path); err == nil {
			t.Fatalf("%s: not refused", name)
		}
		rec := <-logged
		attrs := make(map[string]string)
		rec.Attrs(func(a slog.Attr) bool { attrs[a.Key] = a.Value.String(); return true })
		if !strings.Contains(attrs["err"], c.want) || !strings.HasPrefix(attrs["remote"], "127.0.0.1:") {
			t.Errorf("%s: logged %v, want %q of 127.0.0.1", name, attrs, c.want)
		}
		select {
		case rec := <-logged:
			t.Errorf("%s: logged twice: %v", name, rec)
		default:
		}
	}
	if _, body := s.get(t, "/debug/vars", nil); !strings.Contains(body, `"refused": 2`) && !strings.Contains(body, `"refused":2`) {
		t.Errorf("counted otherwise: %s", body)
	}
}

func TestThePageIsOnlyToBeRead(t *testing.T) {
	s := start(t, serve.Default())
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.addr+"/app.js", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 405 || resp.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: status %d, Allow %q; want 405 and GET, HEAD", method, resp.StatusCode, resp.Header.Get("Allow"))
		}
	}
}
