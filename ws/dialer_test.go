package ws_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// frame is an unmasked text frame, as a server sends it: RFC 6455, 5.7.
var frame = []byte{0x81, 0x05, 'H', 'e', 'l', 'l', 'o'}

func TestDialReturnsTheDialledConnection(t *testing.T) {
	addr := listen(t, answerWith(good101()))
	conn, br, hs, err := ws.Dial(context.Background(), "ws://"+addr+"/chat")
	dialed(t, conn, br, err)
	if _, ok := conn.(*net.TCPConn); !ok || hs.Protocol != "" || hs.Extensions != nil {
		t.Errorf("got %T, %+v", conn, hs)
	}
}

// #19, #214: what came with the 101 is read from conn, by callers who look at
// nothing else.
func TestDialIssue214YieldsEarlyFramesFromConn(t *testing.T) {
	for name, first := range map[string]string{
		"#214: 101 and frame in one write": good101() + string(frame),
		"#19: half a frame":                good101() + string(frame[:3]),
		"#214: with interim responses":     "HTTP/1.1 100 \r\n\r\n" + good101() + string(frame[:1]),
	} {
		t.Run(name, func(t *testing.T) {
			addr := listen(t, func(conn net.Conn) {
				rest := bytes.TrimPrefix(frame, []byte(first[strings.LastIndex(first, "\r\n\r\n")+4:]))
				more := make(chan bool, 1)
				go func() { <-more; conn.Write(append(bytes.Clone(rest), frame...)) }()
				answerWith(first)(signalFirstWrite{conn, more})
			})
			conn, br, _, err := ws.Dial(context.Background(), "ws://"+addr)
			dialed(t, conn, br, err)
			conn.SetDeadline(time.Now().Add(patience))
			got := make([]byte, 2*len(frame))
			if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, append(bytes.Clone(frame), frame...)) {
				t.Errorf("got % x, %v", got, err)
			}
		})
	}
}

// signalFirstWrite says when the first write is done.
type signalFirstWrite struct {
	net.Conn
	done chan<- bool
}

func (s signalFirstWrite) Write(p []byte) (int, error) {
	n, err := s.Conn.Write(p)
	signal(s.done)
	return n, err
}

// signal sends once if nobody has yet.
func signal(c chan<- bool) {
	select {
	case c <- true:
	default:
	}
}

func TestDialerUpgradeReturnsEarlyBytesInItsReader(t *testing.T) {
	for _, size := range []int{0, 1, 5000, 100_000} {
		early := pattern(size)
		conn := &echoingServer{early: early, later: []byte("later")}
		br, hs, err := ws.Dialer{Protocols: []string{"a"}}.Upgrade(conn, mustURL("ws://h/"))
		if err != nil || hs.Protocol != "" {
			t.Fatalf("%d: got %+v, %v", size, hs, err)
		}
		if size == 0 {
			if br != nil {
				t.Error("got a reader with nothing in it")
			}
			continue
		}
		if n := br.Buffered(); n == 0 {
			t.Errorf("%d: nothing is buffered", size)
		}
		got, err := io.ReadAll(br)
		if err != nil || !bytes.Equal(got, append(bytes.Clone(early), "later"...)) {
			t.Errorf("%d: got %d bytes, %v", size, len(got), err)
		}
		ws.PutReader(br)
	}
	ws.PutReader(nil)
}

// echoingServer answers the request that is written to it, with the early
// bytes in the same read as the response.
type echoingServer struct {
	early, later []byte
	out          *bytes.Reader
}

func (s *echoingServer) Write(p []byte) (int, error) {
	text := strings.ReplaceAll(good101(), "ACCEPT", acceptOf(keyIn(p)))
	s.out = bytes.NewReader(append([]byte(text), s.early...))
	return len(p), nil
}

func (s *echoingServer) Read(p []byte) (int, error) {
	if s.out.Len() == 0 && s.later != nil {
		s.out, s.later = bytes.NewReader(s.later), nil
	}
	return s.out.Read(p)
}

func TestDialerUpgradeReportsWhereTheConnectionEnds(t *testing.T) {
	failure := errors.New("cable cut")
	text := good101()
	for i := 0; i < len(text); i += 7 {
		conn := wstest.NewConn()
		want := io.EOF
		if i > 0 {
			conn.Pieces, want = [][]byte{[]byte(text[:i])}, io.ErrUnexpectedEOF
		}
		if _, _, err := (ws.Dialer{}).Upgrade(conn, mustURL("ws://h/")); err != want {
			t.Errorf("%d bytes: got %v, want %v", i, err, want)
		}
		conn = wstest.NewConn([]byte(text[:i+1]))
		conn.Err = failure
		if _, _, err := (ws.Dialer{}).Upgrade(conn, mustURL("ws://h/")); err != failure {
			t.Errorf("%d bytes: got %v, want %v", i, err, failure)
		}
	}
	conn := wstest.NewConn()
	conn.WriteErr = failure
	if _, _, err := (ws.Dialer{}).Upgrade(conn, mustURL("ws://h/")); err != failure || conn.Reads != 0 {
		t.Errorf("got %v after %d reads", err, conn.Reads)
	}
}

// W29: which address is dialled for a URL.
func TestDialW29AddressOfTheURL(t *testing.T) {
	stop := errors.New("stop")
	for u, want := range map[string]string{
		"ws://h":                  "h:80",
		"ws://h:/p":               "h:80",
		"wss://h":                 "h:443",
		"wss://h:/":               "h:443",
		"http://h":                "h:80",
		"https://h":               "h:443",
		"WS://h":                  "h:80",
		"ws://h:81":               "h:81",
		"ws://u:p@h/":             "h:80",
		"ws://[::1]":              "[::1]:80",
		"wss://[::1]:444/":        "[::1]:444",
		"ws://[fe80::1%25eth0]/":  "[fe80::1%eth0]:80",
		"ws://h/path?host=:81#":   "h:80",
		"ws://127.0.0.1:80/?a:81": "127.0.0.1:80",
	} {
		var network, addr string
		d := ws.Dialer{NetDial: func(_ context.Context, n, a string) (net.Conn, error) { network, addr = n, a; return nil, stop }}
		wantDialError(t, d, context.Background(), u, stop)
		if network != "tcp" || addr != want {
			t.Errorf("W29: %s: got %s %q, want %q", u, network, addr, want)
		}
	}
}

func TestDialW29RefusesWhatIsNoURLOfAWebSocket(t *testing.T) {
	d := ws.Dialer{NetDial: func(context.Context, string, string) (net.Conn, error) {
		t.Error("dialled")
		return nil, io.EOF
	}}
	for u, part := range map[string]string{
		"ftp://h/":           "URL scheme",
		"h":                  "URL scheme",
		"//h/":               "URL scheme",
		"":                   "URL scheme",
		"ws:///p":            "URL without a host",
		"ws://":              "URL without a host",
		"ws://:80/":          "URL without a host",
		"ws:h":               "URL without a host",
		"ws://user:secret@/": "URL without a host",
	} {
		conn, _, _, err := d.Dial(context.Background(), u)
		var r *ws.RequestError
		if conn != nil || !errors.As(err, &r) || r.Part != part || strings.Contains(err.Error(), "secret") {
			t.Errorf("W29: %q: got %v, want part %q", u, err, part)
		}
		if got, err := ws.ParseURL(u); got != nil || !errors.As(err, &r) || r.Part != part {
			t.Errorf("W29: ParseURL(%q): got %v, %v", u, got, err)
		}
	}
	for _, u := range []string{"ws://h\r\n/", "ws://h:x/", "ws://[::1/", "ws://%zz/"} {
		if conn, _, _, err := d.Dial(context.Background(), u); err == nil || conn != nil {
			t.Errorf("W29: %q: accepted", u)
		}
	}
}

// W29, W30: what cannot be sent is found before anything is connected.
func TestDialDoesNotConnectForARequestItCannotSend(t *testing.T) {
	d := ws.Dialer{NetDial: func(context.Context, string, string) (net.Conn, error) {
		t.Error("connected")
		return nil, errors.New("connected")
	}}
	var r *ws.RequestError
	if _, _, _, err := d.Dial(context.Background(), "ws://h/#f"); !errors.As(err, &r) || r.Part != "URL fragment" {
		t.Errorf("got %v", err)
	}
	d.Protocols = []string{"a b"}
	if _, _, _, err := d.Dial(context.Background(), "ws://h/"); !errors.As(err, &r) || r.Part != "subprotocol" {
		t.Errorf("got %v", err)
	}
}

func TestDialErrorsDoNotRepeatAPassword(t *testing.T) {
	for _, u := range []string{"ws://user:s3cret@host:port/", "ws://user:s3cret@/", "ftp://user:s3cret@host/", "ws://user:s3cret@host/%zz"} {
		_, _, _, err := ws.Dial(context.Background(), u)
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", u, err)
		}
	}
}

// W25: with an error there is no connection, and the dialled one is closed.
func TestDialW25ReturnsNoConnectionWithAnError(t *testing.T) {
	failure := errors.New("cable cut")
	for name, c := range map[string]struct {
		conn *wstest.Conn
		want error
	}{
		"write":     {&wstest.Conn{WriteErr: failure}, failure},
		"read":      {&wstest.Conn{Err: failure}, failure},
		"end":       {&wstest.Conn{}, io.EOF},
		"cut":       {wstest.NewConn([]byte("HTTP/1.1 101 ")), io.ErrUnexpectedEOF},
		"malformed": {wstest.NewConn([]byte("SSH-2.0-x\r\n\r\n")), ws.ErrMalformedResponse},
		"refused":   {wstest.NewConn([]byte("HTTP/1.1 403 \r\n\r\n")), ws.ErrHandshakeBadStatus},
		"no accept": {wstest.NewConn([]byte(response101(upgradeLine, connectionLine))), ws.ErrHandshakeBadSecAccept},
	} {
		t.Run("W25: "+name, func(t *testing.T) {
			d := ws.Dialer{NetDial: func(context.Context, string, string) (net.Conn, error) { return c.conn, nil }}
			wantDialError(t, d, context.Background(), "ws://h/", c.want)
			if c.conn.Closed == 0 {
				t.Error("the connection is open")
			}
		})
	}
}

// W24: WrapConn is above TLS, gets a connection, and is not called without one.
func TestDialW24WrapsOnlyConnections(t *testing.T) {
	failure := errors.New("refused")
	d := ws.Dialer{
		NetDial:  func(context.Context, string, string) (net.Conn, error) { return nil, failure },
		WrapConn: func(conn net.Conn) net.Conn { t.Error("WrapConn was called"); return conn },
	}
	wantDialError(t, d, context.Background(), "ws://h/", failure)
	wantDialError(t, d, context.Background(), "wss://h/", failure)

	type wrapped struct{ net.Conn }
	addr := listen(t, answerWith(good101()))
	d = ws.Dialer{WrapConn: func(conn net.Conn) net.Conn { return wrapped{conn} }}
	conn, br, _, err := d.Dial(context.Background(), "ws://"+addr)
	dialed(t, conn, br, err)
	if _, ok := conn.(wrapped); !ok {
		t.Errorf("got %T", conn)
	}
}

// W38: a unix socket by NetDial.
func TestDialW38ReachesAUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Skip("no unix sockets here:", err)
	}
	serveOn(t, ln, answerWith(good101()+string(frame)))
	d := ws.Dialer{NetDial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}
	conn, br, _, err := d.Dial(context.Background(), "ws://localhost/")
	dialed(t, conn, br, err)
	conn.SetDeadline(time.Now().Add(patience))
	got := make([]byte, len(frame))
	if _, err := io.ReadFull(conn, got); !bytes.Equal(got, frame) || err != nil {
		t.Errorf("got % x, %v", got, err)
	}
}

// W13: a server that sends without end.
func TestDialW13DoesNotReadWithoutLimit(t *testing.T) {
	conn := wstest.NewConn([]byte("HTTP/1.1 101 x\r\n"))
	for range 2048 {
		conn.Pieces = append(conn.Pieces, bytes.Repeat([]byte("X: y\r\n"), 170))
	}
	_, _, err := ws.Dialer{}.Upgrade(conn, mustURL("ws://h/"))
	if !errors.Is(err, ws.ErrMalformedResponse) || conn.Taken > 128<<10 {
		t.Errorf("got %v after %d bytes", err, conn.Taken)
	}
}

func TestDialerBufferSizesAreOnlyABeginning(t *testing.T) {
	d := ws.Dialer{ReadBufferSize: 1, WriteBufferSize: 1, Header: ws.HandshakeHeaderString("X: " + strings.Repeat("y", 9000) + "\r\n")}
	conn := &echoingServer{early: []byte("e")}
	br, _, err := d.Upgrade(conn, mustURL("ws://h/"))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(br); string(got) != "e" {
		t.Errorf("got %q", got)
	}
}

func TestDialErrorsRepeatNoSecret(t *testing.T) {
	secret := func(name string, err error) {
		t.Helper()
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, u := range []string{
		"ws://h/?token=s3cret x",
		"ws://h/?a#s3cret",
		"ws://user%3As3cret@h/",
	} {
		_, _, _, err := ws.Dial(context.Background(), u)
		secret(u, err)
	}
	for _, h := range []string{
		"Authorization: Bearer s3cret\n",
		"Authorization: Bearer s3cret\x00\r\n",
		"Cookie: sid=s3cret",
		"Authorization: Bearer\r\ns3cret\r\n",
	} {
		d := ws.Dialer{Header: ws.HandshakeHeaderString(h)}
		_, _, _, err := d.Dial(context.Background(), "ws://h/")
		secret(h, err)
	}
	d := ws.Dialer{
		NetDial: func(context.Context, string, string) (net.Conn, error) { return &wstest.Conn{}, nil },
		Proxy:   func(*url.URL) (*url.URL, error) { return url.Parse("http://proxy") },
		ProxyHeader: func(context.Context, *url.URL, string) (httpx.Fields, error) {
			return httpx.Fields{{Name: []byte("Proxy-Authorization"), Value: []byte("Bearer s3cret\n")}}, nil
		},
	}
	_, _, _, err := d.Dial(context.Background(), "ws://h/")
	secret("ProxyHeader", err)
}
