package websocket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// ask sends a request to a server that accepts with these options, by both
// Accept and AcceptConn, and returns their errors and responses.
func ask(t *testing.T, opts *websocket.AcceptOptions, request []byte) (errs [2]error, responses [2]*http.Response, bodies [2]string) {
	t.Helper()
	return askWith(t, opts, connOptions(opts), request)
}

// connOptions are the same for AcceptConn.
func connOptions(opts *websocket.AcceptOptions) *websocket.AcceptConnOptions {
	if opts == nil {
		return nil
	}
	return &websocket.AcceptConnOptions{AcceptOptions: *opts}
}

// askWith is ask with options that only AcceptConn has.
func askWith(t *testing.T, opts *websocket.AcceptOptions, connOpts *websocket.AcceptConnOptions, request []byte) (errs [2]error, responses [2]*http.Response, bodies [2]string) {
	t.Helper()
	accepted := make(chan error, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Ours", "yes")
		c, err := websocket.Accept(w, r, opts)
		if err == nil {
			c.CloseNow()
		}
		accepted <- err
	}))
	defer s.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		c, err := websocket.AcceptConn(conn, connOpts)
		if err == nil {
			c.CloseNow()
		}
		accepted <- err
	}()
	for i, addr := range []string{s.Listener.Addr().String(), l.Addr().String()} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		conn.Write(request)
		responses[i], bodies[i] = answerOf(t, conn)
		conn.Close() // AcceptConn waits for that after a refusal
		errs[i] = <-accepted
	}
	return errs, responses, bodies
}

func answerOf(t *testing.T, conn net.Conn) (*http.Response, string) {
	t.Helper()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	resp, err := http.ReadResponse(newBufio(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	var body []byte
	if resp.StatusCode != http.StatusSwitchingProtocols {
		body, _ = io.ReadAll(resp.Body)
	}
	return resp, string(body)
}

func TestOrigins(t *testing.T) {
	request := func(origin string) []byte {
		head := wstest.GoodRequest()
		if origin != "" {
			head = head.With("Origin: " + origin)
		}
		return head.Bytes()
	}
	patterns := &websocket.AcceptOptions{OriginPatterns: []string{"*.example.net", "https://other.example.org"}}
	for _, tc := range []struct {
		name, origin string
		opts         *websocket.AcceptOptions
		ok           bool
	}{
		{"none", "", nil, true},
		{"the same host", "https://server.example.com", nil, true},
		{"another host", "https://evil.example.org", nil, false},
		{"another port", "https://server.example.com:8443", nil, false},
		{"null", "null", nil, false},
		{"another host, all allowed", "https://evil.example.org", &websocket.AcceptOptions{InsecureSkipVerify: true}, true},
		{"a pattern", "https://WWW.example.net", patterns, true},
		{"a pattern with a scheme", "https://other.example.org", patterns, true},
		{"a pattern with another scheme", "http://other.example.org", patterns, false},
		{"no pattern", "https://example.org", patterns, false},
	} {
		errs, responses, bodies := ask(t, tc.opts, request(tc.origin))
		for i, err := range errs {
			if tc.ok {
				if err != nil || responses[i].StatusCode != 101 {
					t.Errorf("%s: %v", tc.name, err)
				}
				continue
			}
			if !errors.Is(err, ws.ErrHandshakeBadOrigin) || responses[i].StatusCode != 403 {
				t.Errorf("%s: %v, status %d", tc.name, err, responses[i].StatusCode)
			}
			for _, text := range []string{err.Error(), bodies[i]} {
				if !strings.Contains(text, tc.origin) || !strings.Contains(text, "OriginPatterns") {
					t.Errorf("%s: the refusal does not say what and why: %q", tc.name, text)
				}
			}
		}
	}
}

func TestAMalformedPatternIsAnErrorOfTheServer(t *testing.T) {
	opts := &websocket.AcceptOptions{OriginPatterns: []string{`\`}}
	w := httptest.NewRecorder()
	_, err := websocket.Accept(w, requestOf(t), opts)
	if !errors.Is(err, path.ErrBadPattern) || w.Code != 500 || strings.Contains(w.Body.String(), `\`) {
		t.Errorf("%v, status %d, %q", err, w.Code, w.Body)
	}
	_, server := tcpPair(t)
	if _, err := websocket.AcceptConn(server, connOptions(opts)); !errors.Is(err, path.ErrBadPattern) {
		t.Error(err)
	}
}

func TestSubprotocolsByPreferenceOfTheServer(t *testing.T) {
	for _, tc := range []struct {
		ours    []string
		offered []string
		want    string
	}{
		{nil, []string{"a, b"}, ""},
		{[]string{"a"}, nil, ""},
		{[]string{"a", "b"}, []string{"b, a"}, "a"},
		{[]string{"c", "b"}, []string{"a", "b"}, "b"},
		{[]string{"CHAT"}, []string{"x, chat"}, "chat"},
		{[]string{"c"}, []string{"a, b"}, ""},
	} {
		head := wstest.GoodRequest()
		for _, o := range tc.offered {
			head = head.With("Sec-WebSocket-Protocol: " + o)
		}
		errs, responses, _ := ask(t, &websocket.AcceptOptions{Subprotocols: tc.ours}, head.Bytes())
		for i, resp := range responses {
			if got := resp.Header.Get("Sec-WebSocket-Protocol"); errs[i] != nil || got != tc.want {
				t.Errorf("%v of %v: %q, %v", tc.ours, tc.offered, got, errs[i])
			}
		}
		if responses[0].Header.Get("X-Ours") != "yes" {
			t.Error("the header of the ResponseWriter was not sent")
		}
	}
}

func TestWhatIsNoHandshakeIsRefused(t *testing.T) {
	for _, tc := range []struct {
		head   wstest.Head
		status int
		is     error
	}{
		{wstest.GoodRequest().Without("Sec-WebSocket-Key"), 400, ws.ErrHandshakeBadSecKey},
		{wstest.GoodRequest().Replace("Sec-WebSocket-Version", "12"), 426, ws.ErrHandshakeUpgradeRequired},
	} {
		errs, responses, _ := ask(t, nil, tc.head.Bytes())
		for i, err := range errs {
			if !errors.Is(err, tc.is) || responses[i].StatusCode != tc.status {
				t.Errorf("%v, status %d", err, responses[i].StatusCode)
			}
		}
	}
}

// wrapped is a ResponseWriter as a middleware hands it out.
type wrapped struct{ inner http.ResponseWriter }

func (w wrapped) Header() http.Header         { return w.inner.Header() }
func (w wrapped) Write(p []byte) (int, error) { return w.inner.Write(p) }
func (w wrapped) WriteHeader(status int)      { w.inner.WriteHeader(status) }
func (w wrapped) Unwrap() http.ResponseWriter { return w.inner }

func TestAcceptBehindMiddleware(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(wrapped{wrapped{w}}, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.CloseNow()
		echo(c)
	}))
	defer s.Close()
	c := dial(t, s.URL, nil)
	c.CloseRead(context.Background())
	if err := c.Ping(within(t)); err != nil {
		t.Error(err)
	}
	r := httptest.NewRecorder()
	if _, err := websocket.Accept(r, requestOf(t), nil); !errors.Is(err, ws.ErrNotHijacker) || r.Code != 500 {
		t.Errorf("%v, status %d", err, r.Code)
	}
}

func requestOf(t *testing.T) *http.Request {
	r, err := http.ReadRequest(newBufio(strings.NewReader(string(wstest.GoodRequest().Bytes()))))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAcceptConnShowsTheRequestAndWaitsNoLongerThanTold(t *testing.T) {
	var target string
	opts := &websocket.AcceptConnOptions{
		Header: http.Header{"X-Ours": {"yes"}},
		OnHandshake: func(req httpx.Request) error {
			if target = string(req.Target); target != "/chat" {
				return ws.RejectConnectionError(ws.RejectionStatus(404))
			}
			return nil
		},
	}
	head := wstest.GoodRequest()
	errs, responses, _ := askWith(t, nil, opts, head.Bytes())
	if errs[1] != nil || target != "/chat" || responses[1].Header.Get("X-Ours") != "yes" {
		t.Error(errs[1], target, responses[1].Header)
	}
	head.Start = "GET /nothing HTTP/1.1"
	if errs, responses, _ = askWith(t, nil, opts, head.Bytes()); errs[1] == nil || responses[1].StatusCode != 404 {
		t.Error(errs[1], responses[1].StatusCode)
	}
	_, server := tcpPair(t)
	if _, err := websocket.AcceptConn(server, &websocket.AcceptConnOptions{HandshakeTimeout: time.Millisecond}); err == nil {
		t.Error("a peer that sends nothing is waited for")
	}
}

// Only what is meant for the client is shown to it: errors of a database come this way
// too.
func TestTheErrorOfOnHandshakeIsNotShownToTheClient(t *testing.T) {
	secret := errors.New("no user app@db.internal")
	for _, check := range []func(*http.Request, string) bool{nil, func(*http.Request, string) bool { return true }} {
		opts := &websocket.AcceptConnOptions{
			AcceptOptions: websocket.AcceptOptions{CheckOrigin: check},
			OnHandshake:   func(httpx.Request) error { return secret },
		}
		errs, responses, bodies := askWith(t, nil, opts, wstest.GoodRequest().Bytes())
		if !errors.Is(errs[1], secret) || responses[1].StatusCode != 500 || bodies[1] != "internal server error" {
			t.Errorf("%v, %d, %q", errs[1], responses[1].StatusCode, bodies[1])
		}
	}
}

func TestHooks(t *testing.T) {
	pinged, ponged := make(chan string, 4), make(chan string, 4)
	url := serve(t, &websocket.AcceptOptions{
		OnPingReceived: func(_ context.Context, p []byte) bool { pinged <- string(p); return string(p) != "2" },
		OnPongReceived: func(_ context.Context, p []byte) { ponged <- string(p) },
	}, func(c *websocket.Conn) {
		go func() {
			if err := c.Ping(context.Background()); err != nil && !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
		}()
		echo(c)
	})
	c := dial(t, url, nil)
	c.CloseRead(context.Background())
	if err := c.Ping(within(t)); err != nil {
		t.Error(err)
	}
	if got := <-pinged; got != "1" {
		t.Errorf("ping %q", got)
	}
	if got := <-ponged; got != "1" {
		t.Errorf("pong %q", got)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := c.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error("a pong that was not to be sent:", err)
	}
}

func TestCloseReadEndsWithTheConnection(t *testing.T) {
	noLeaks(t)
	for _, tc := range []struct {
		name string
		peer func(c *websocket.Conn)
		by   websocket.EndedBy
		code websocket.StatusCode
	}{
		{"the peer closes", func(c *websocket.Conn) { c.Close(4002, "") }, websocket.EndedByPeer, 4002},
		{"a message", func(c *websocket.Conn) {
			c.Write(context.Background(), websocket.MessageText, nil)
			c.Read(context.Background())
		}, websocket.EndedByUs, websocket.StatusPolicyViolation},
	} {
		c := dial(t, serve(t, nil, tc.peer), nil)
		ctx := c.CloseRead(context.Background())
		if c.CloseRead(context.Background()) != ctx {
			t.Error("another context")
		}
		<-ctx.Done()
		var end *websocket.ConnError
		if !errors.As(context.Cause(ctx), &end) || end.By != tc.by || websocket.StatusCode(end.Code) != tc.code {
			t.Errorf("%s: %#v", tc.name, context.Cause(ctx))
		}
	}
	gone := make(chan bool)
	c := dial(t, serve(t, nil, func(c *websocket.Conn) { echo(c); close(gone) }), nil)
	ctx, cancel := context.WithCancel(context.Background())
	ended := c.CloseRead(ctx)
	cancel()
	<-ended.Done()
	<-gone // the goroutine may need a moment
	if err := c.Write(within(t), websocket.MessageText, nil); !errors.Is(err, net.ErrClosed) {
		t.Error("it outlives the context of CloseRead:", err)
	}
}

func TestPreparedMessages(t *testing.T) {
	text := []byte(strings.Repeat("to everybody ", 200))
	m, err := websocket.NewPreparedMessage(websocket.MessageText, text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := websocket.NewPreparedMessage(3, nil); err == nil {
		t.Error("a message of type 3")
	}
	for _, mode := range []websocket.CompressionMode{websocket.CompressionDisabled, websocket.CompressionContextTakeover, websocket.CompressionNoContextTakeover} {
		for _, threshold := range []int{0, 10, 100_000} {
			url := serve(t, &websocket.AcceptOptions{CompressionMode: mode, CompressionThreshold: threshold}, func(c *websocket.Conn) {
				for range 3 {
					if err := c.WritePrepared(context.Background(), m); err != nil {
						t.Error(err)
					}
				}
				_, p, err := c.Read(context.Background())
				if err != nil || string(p) != string(text) {
					t.Error("a client's:", err)
				}
				c.Close(websocket.StatusNormalClosure, "")
				if err := c.WritePrepared(context.Background(), m); !errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
			})
			c := dial(t, url, &websocket.DialOptions{CompressionMode: mode})
			for range 3 {
				typ, p, err := c.Read(within(t))
				if err != nil || typ != websocket.MessageText || string(p) != string(text) {
					t.Errorf("mode %d: %v, %d bytes, %v", mode, typ, len(p), err)
				}
			}
			if err := c.WritePrepared(within(t), m); err != nil {
				t.Error(err)
			}
			c.Read(within(t))
		}
	}
}

// A page has one origin. A request that names another one besides is refused,
// whichever comes first.
func TestSeveralOriginsAreRefused(t *testing.T) {
	ours, theirs := "Origin: https://server.example.com", "Origin: https://evil.example.org"
	for _, head := range []wstest.Head{
		wstest.GoodRequest().With(ours).With(theirs),
		wstest.GoodRequest().With(theirs).With(ours),
		wstest.GoodRequest().With(ours).With(ours),
		wstest.GoodRequest().With("Origin:"),
	} {
		errs, responses, bodies := ask(t, nil, head.Bytes())
		for i, err := range errs {
			if !errors.Is(err, ws.ErrHandshakeBadOrigin) || responses[i].StatusCode != 403 || !strings.Contains(bodies[i], "OriginPatterns") {
				t.Errorf("%v, status %d, %q", err, responses[i].StatusCode, bodies[i])
			}
		}
	}
}

func TestHTTP2IsRefused(t *testing.T) {
	accepted := make(chan error, 1)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := websocket.Accept(w, r, nil)
		accepted <- err
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	resp, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := <-accepted; !errors.Is(err, ws.ErrHandshakeHTTP2) || resp.StatusCode != http.StatusNotImplemented || resp.ProtoMajor != 2 {
		t.Errorf("%v, status %d of %s", err, resp.StatusCode, resp.Proto)
	}
}

// Frames that come before the response may be a request that somebody has
// smuggled past a proxy.
func TestFramesBeforeTheResponseAreRefused(t *testing.T) {
	errs, responses, _ := ask(t, nil, append(wstest.GoodRequest().Bytes(), masked(ws.OpText, true, "x")...))
	for i, err := range errs {
		if !errors.Is(err, ws.ErrHandshakeEarlyData) || responses[i].StatusCode != 400 {
			t.Errorf("%v, status %d", err, responses[i].StatusCode)
		}
	}
}

// The deadlines of the HTTP server were for the request.
func TestAConnectionOutlivesTheTimeoutsOfItsServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hc := onPipes(t, &http.Server{Handler: echoServer(t), ReadTimeout: time.Second, WriteTimeout: time.Second})
		c := dial(t, "ws://example.com/", &websocket.DialOptions{HTTPClient: hc})
		time.Sleep(2 * time.Second)
		roundTrip(t, c, nil)
	})
}
