package websocket_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// logger is the writer of an access log, in the forms that are found: it
// embeds what it wraps, and gives the connection away itself.
type logger struct {
	http.ResponseWriter
	status int
}

func (l *logger) WriteHeader(status int) {
	l.status = status
	l.ResponseWriter.WriteHeader(status)
}

func (l *logger) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return l.ResponseWriter.(http.Hijacker).Hijack()
}

// unwrapped is a logger that can be looked through, and does not hijack.
type unwrapped struct {
	http.ResponseWriter
	status int
}

func (l *unwrapped) WriteHeader(status int) {
	l.status = status
	l.ResponseWriter.WriteHeader(status)
}

func (l *unwrapped) Unwrap() http.ResponseWriter { return l.ResponseWriter }

// late is a logger as Gin's writer is: it notes the status, and writes it with
// the first bytes of the body, or when it is told to.
type late struct {
	logger
}

func (l *late) WriteHeader(status int) { l.status = status }
func (l *late) WriteHeaderNow()        { l.ResponseWriter.WriteHeader(l.status) }

func (l *late) Write(p []byte) (int, error) {
	l.WriteHeaderNow()
	return l.ResponseWriter.Write(p)
}

func TestAWrapperSeesTheStatusOfTheHandshake(t *testing.T) {
	for name, wrap := range map[string]func(http.ResponseWriter) (http.ResponseWriter, *int){
		"a hijacker": func(w http.ResponseWriter) (http.ResponseWriter, *int) {
			l := &logger{ResponseWriter: w}
			return l, &l.status
		},
		"unwrapped": func(w http.ResponseWriter) (http.ResponseWriter, *int) {
			l := &unwrapped{ResponseWriter: w}
			return l, &l.status
		},
		"late": func(w http.ResponseWriter) (http.ResponseWriter, *int) {
			l := &late{logger{ResponseWriter: w}}
			return l, &l.status
		},
		"late, wrapped": func(w http.ResponseWriter) (http.ResponseWriter, *int) {
			l := &late{logger{ResponseWriter: w}}
			return &unwrapped{ResponseWriter: l}, &l.status
		},
	} {
		for _, origin := range []string{"", "https://evil.example.org"} {
			seen := make(chan int, 1)
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Ours", "yes")
				w, status := wrap(w)
				c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"echo"}, CompressionMode: websocket.CompressionContextTakeover})
				seen <- *status
				if err == nil {
					echo(c)
				}
			}))
			opts := &websocket.DialOptions{Subprotocols: []string{"echo"}, CompressionMode: websocket.CompressionContextTakeover, HTTPHeader: http.Header{}}
			want := 101
			if origin != "" {
				opts.HTTPHeader.Set("Origin", origin)
				want = 403
			}
			c, resp, err := websocket.Dial(within(t), s.URL, opts)
			if got := <-seen; got != want || resp == nil || resp.StatusCode != want || resp.Header.Get("X-Ours") != "yes" {
				t.Errorf("%s: the wrapper has seen status %d, the client %+v, %v", name, got, resp, err)
			}
			if want == 101 {
				if c.Subprotocol() != "echo" || resp.Header.Get("Sec-WebSocket-Extensions") == "" {
					t.Errorf("%s: subprotocol %q, %v", name, c.Subprotocol(), resp.Header)
				}
				roundTrip(t, c, err)
			}
			s.Close()
		}
	}
}

// keeper is the writer of a middleware that keeps the response until the handler
// has returned, as those for sessions do.
type keeper struct{ logger }

func (k *keeper) WriteHeader(status int) { k.status = status }

// compressor is a keeper that says what it is.
func compressor(w http.ResponseWriter) *keeper {
	w.Header().Add("Vary", "Origin, accept-encoding")
	return &keeper{logger{ResponseWriter: w}}
}

// A client gets its response however a middleware treats the status.
func TestAcceptBehindAWriterThatKeepsTheStatus(t *testing.T) {
	for name, tc := range map[string]struct {
		wrap   func(http.ResponseWriter) *keeper
		status int
	}{
		"keeper":     {func(w http.ResponseWriter) *keeper { return &keeper{logger{ResponseWriter: w}} }, 101},
		"compressor": {compressor, 0},
	} {
		for _, secure := range []bool{false, true} {
			seen := make(chan int, 1)
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Ours", "yes")
				k := tc.wrap(w)
				c, err := websocket.Accept(k, r, nil)
				if seen <- k.status; err != nil {
					t.Error(err)
					return
				}
				echo(c)
			}))
			if s.Start(); secure {
				s.Close()
				s = httptest.NewTLSServer(s.Config.Handler)
			}
			c, resp, err := websocket.Dial(within(t), s.URL, &websocket.DialOptions{HTTPClient: s.Client(), HTTPHeader: http.Header{"Accept-Encoding": {"gzip"}}})
			if got := <-seen; got != tc.status || err == nil && len(resp.Header["X-Ours"]) != 1 {
				t.Errorf("%s: status %d, %v", name, got, resp)
			}
			roundTrip(t, c, err)
			s.Close()
		}
	}
}

// recorded is a ResponseWriter that tests of other programs use: a recorder that
// gives one end of a pipe away. What it is told by Header and WriteHeader is the
// response; nobody reads from the pipe before that has been returned.
type recorded struct {
	*httptest.ResponseRecorder
	server net.Conn
}

func (r recorded) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return r.server, bufio.NewReadWriter(bufio.NewReader(r.server), bufio.NewWriter(r.server)), nil
}

// inMemory is the transport that belongs to it.
type inMemory struct{ handler http.HandlerFunc }

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	client, server := net.Pipe()
	w := recorded{httptest.NewRecorder(), server}
	m.handler(w, r)
	resp := w.Result()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		resp.Body = client
	}
	return resp, nil
}

func TestAcceptAndDialInMemory(t *testing.T) {
	var server *websocket.Conn
	hc := &http.Client{Transport: inMemory{func(w http.ResponseWriter, r *http.Request) {
		var err error
		if server, err = websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"echo"}}); err != nil {
			t.Error(err)
		}
	}}}
	client, _, err := websocket.Dial(within(t), "ws://example.com", &websocket.DialOptions{HTTPClient: hc, Subprotocols: []string{"echo"}})
	if err != nil {
		t.Fatal(err)
	}
	go echo(server)
	if client.Subprotocol() != "echo" {
		t.Errorf("subprotocol %q", client.Subprotocol())
	}
	roundTrip(t, client, err)
}

// written is a hijacker whose WriteHeader writes the head to the connection.
type written struct {
	recorded
}

func (w written) WriteHeader(status int) {
	resp := http.Response{StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: w.Header()}
	resp.Write(w.server)
}

func TestAcceptByAHijackerThatWritesToAPipe(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	go func() {
		c, err := websocket.Accept(written{recorded{httptest.NewRecorder(), server}}, requestOf(t), nil)
		if err != nil {
			t.Error(err)
			return
		}
		c.Write(context.Background(), websocket.MessageText, []byte("Hello"))
	}()
	br := newBufio(client)
	resp, err := http.ReadResponse(br, nil)
	if err != nil || resp.StatusCode != 101 || resp.Header.Get("Sec-WebSocket-Accept") != wstest.Accept {
		t.Fatal(resp, err)
	}
	// RFC 6455, 5.7: a single-frame unmasked text message, "Hello"
	frame := make([]byte, 7)
	if _, err := io.ReadFull(br, frame); err != nil || string(frame) != "\x81\x05Hello" {
		t.Errorf("% x, %v", frame, err)
	}
}

// Frames may come as soon as the response is out, which is before the
// connection is taken from a writer that writes it.
func TestFramesThatAWrappedWriterHasReadAreNotLost(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	got := make(chan string, 1)
	go func() {
		w := early{recorded{httptest.NewRecorder(), server}}
		c, err := websocket.Accept(w, requestOf(t), nil)
		if err != nil {
			t.Error(err)
			close(got)
			return
		}
		for range 2 {
			_, p, err := c.Read(context.Background())
			if err != nil {
				t.Error(err)
			}
			got <- string(p)
		}
	}()
	client.Write(append(masked(ws.OpText, true, "one"), masked(ws.OpText, true, "two")...))
	for _, want := range []string{"one", "two"} {
		if p := <-got; p != want {
			t.Errorf("%q, want %q", p, want)
		}
	}
}

// early is a server that has read frames when it gives the connection away.
type early struct{ recorded }

func (e early) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := e.recorded.Hijack()
	rw.Reader.Peek(1)
	return conn, rw, err
}

// What a middleware has said about a response that turns out to be a 101 is
// left out of it: RFC 9110, 8.6: a "server MUST NOT send a Content-Length header
// field in any response with a status code of 1xx", and so on.
func TestFieldsThatA101MustNotHaveAreLeftOut(t *testing.T) {
	for _, name := range []string{"plain", "wrapped"} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Length", "5")
			h.Set("Transfer-Encoding", "identity")
			h["connection"] = []string{"keep-alive"}
			h.Set("Upgrade", "h2c")
			h.Set("Sec-WebSocket-Accept", "mine")
			h.Set("Sec-WebSocket-Protocol", "mine")
			h.Set("Sec-WebSocket-Extensions", "mine")
			h.Set("X-Ours", "yes")
			if name == "wrapped" {
				w = &logger{ResponseWriter: w}
			}
			c, err := websocket.Accept(w, r, nil)
			if err != nil {
				t.Error(name, err)
				return
			}
			c.CloseNow()
		}))
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		conn.Write(wstest.GoodRequest().Bytes())
		all, _ := io.ReadAll(conn)
		head, _, _ := strings.Cut(strings.ToLower(string(all)), "\r\n\r\n")
		if !strings.HasPrefix(head, "http/1.1 101 ") || strings.Count(head, "\r\nx-ours: yes") != 1 ||
			strings.Count(head, "\r\nconnection: upgrade") != 1 || strings.Count(head, "\r\nconnection:") != 1 ||
			strings.Count(head, "\r\nupgrade: websocket") != 1 || strings.Count(head, "\r\nupgrade:") != 1 {
			t.Errorf("%s: %q", name, head)
		}
		for _, bad := range []string{"content-length", "transfer-encoding", "mine"} {
			if strings.Contains(head, bad) {
				t.Errorf("%s: %q in %q", name, bad, head)
			}
		}
		conn.Close()
		s.Close()
	}
}

// A refusal has each field of the writer's header once.
func TestARefusalDoesNotRepeatFields(t *testing.T) {
	_, responses, _ := ask(t, nil, wstest.GoodRequest().Without("Sec-WebSocket-Key").Bytes())
	if got := responses[0].Header["X-Ours"]; len(got) != 1 {
		t.Errorf("%q", got)
	}
}
