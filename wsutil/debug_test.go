package wsutil_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// answer returns a NetDial whose server reads the request and sends what
// respond makes of it, by one Write, and then closes.
func answer(t *testing.T, respond func(request []byte) []byte) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		client, server := tcpPair(t)
		go func() {
			var request []byte
			for buf := make([]byte, 4096); !bytes.HasSuffix(request, []byte("\r\n\r\n")); {
				n, err := server.Read(buf)
				if err != nil {
					return
				}
				request = append(request, buf[:n]...)
			}
			server.Write(respond(request))
			server.CloseWrite()
		}()
		return client, nil
	}
}

// switching is what a server answers to accept a request.
func switching(request []byte) []byte {
	var out bytes.Buffer
	ws.Upgrade(readWriter{bytes.NewReader(request), &out})
	return out.Bytes()
}

func TestDebugDialerShowsWhatGoesOverTheWire(t *testing.T) {
	const interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
	frame := string(ws.AppendFrame(nil, ws.NewTextFrame([]byte("early"))))
	refusal := "HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\nbody\r\n"
	for _, tt := range []struct {
		name    string
		respond func(request []byte) []byte
		ok      bool
		early   string
		shown   func(request []byte) string // nil: what was sent
	}{
		{"U17: accepted", switching, true, "", nil},
		{"U17: frames behind the response", func(r []byte) []byte { return append(switching(r), frame...) }, true, "early",
			func(r []byte) string { return string(switching(r)) }},
		{"U17: refused with a body", func([]byte) []byte { return []byte(refusal) }, false, "", nil},
		{"U17: closed at once", func([]byte) []byte { return nil }, false, "", nil},
		{"U17: half a head", func([]byte) []byte { return []byte("HTTP/1.1 101 Sw") }, false, "", nil},
		{"U17: three bytes", func([]byte) []byte { return []byte("HTT") }, false, "", nil},
		{"U17: interim response", func(r []byte) []byte { return append([]byte(interim), switching(r)...) }, true, "", nil},
		{"U17: not HTTP", func([]byte) []byte { return []byte("SSH-2.0-x\r\n\r\n") }, false, "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var sent, received, request, response []byte
			var dialled net.Conn
			d := wsutil.DebugDialer{
				Dialer: ws.Dialer{
					NetDial: answer(t, func(r []byte) []byte {
						sent, received = r, tt.respond(r)
						return received
					}),
					WrapConn: func(c net.Conn) net.Conn { dialled = c; return c },
				},
				OnRequest:  func(p []byte) { request = p },
				OnResponse: func(p []byte) { response = p },
			}
			conn, br, _, err := d.Dial(context.Background(), "ws://example.com/chat")
			if (err == nil) != tt.ok || (conn != nil) != tt.ok || br != nil {
				t.Fatalf("got %v, %v, %v", conn, br, err)
			}
			want := string(received)
			if tt.shown != nil {
				want = tt.shown(sent)
			}
			if !bytes.Equal(request, sent) || string(response) != want {
				t.Errorf("shown %q and %q, want %q and %q", request, response, sent, want)
			}
			if !tt.ok {
				return
			}
			if tt.early == "" {
				if conn != dialled {
					t.Errorf("got a %T instead of the dialled connection", conn)
				}
				return
			}
			if p, err := wsutil.ReadServerText(conn); string(p) != tt.early || err != nil {
				t.Errorf("the frame behind the response: %q, %v", p, err)
			}
		})
	}
}

func TestDebugDialerU17WithoutAConnection(t *testing.T) {
	broken := errors.New("broken")
	shown := func([]byte) { t.Error("shown what never was") }
	d := wsutil.DebugDialer{
		Dialer:    ws.Dialer{NetDial: func(context.Context, string, string) (net.Conn, error) { return nil, broken }},
		OnRequest: shown, OnResponse: shown,
	}
	if conn, _, _, err := d.Dial(context.Background(), "ws://example.com/"); conn != nil || !errors.Is(err, broken) {
		t.Errorf("U17: got %v, %v", conn, err)
	}
	if conn, _, _, err := d.Dial(context.Background(), "ftp://example.com/"); conn != nil || err == nil {
		t.Errorf("U17: got %v, %v", conn, err)
	}
}

func TestDebugDialerWithoutCallbacks(t *testing.T) {
	d := wsutil.DebugDialer{Dialer: ws.Dialer{NetDial: answer(t, switching)}}
	conn, _, _, err := d.Dial(context.Background(), "ws://example.com/")
	if _, ok := conn.(*net.TCPConn); !ok || err != nil {
		t.Errorf("got a %T, %v", conn, err)
	}
}

func TestDebugUpgraderShowsWhatGoesOverTheWire(t *testing.T) {
	good := wstest.GoodRequest().Bytes()
	for _, tt := range []struct {
		name string
		in   []byte
		ok   bool
	}{
		{"accepted", good, true},
		{"refused", wstest.GoodRequest().Without("Host").Bytes(), false},
		{"malformed", []byte("GET\r\n\r\n"), false},
		{"cut", good[:20], false},
		{"nothing", nil, false},
	} {
		for name, pieces := range wstest.Splits(tt.in) {
			conn := script(pieces)
			var request, response []byte
			d := wsutil.DebugUpgrader{
				OnRequest:  func(p []byte) { request = p },
				OnResponse: func(p []byte) { response = p },
			}
			_, err := d.Upgrade(wstest.Stream{ReadWriter: conn})
			if (err == nil) != tt.ok {
				t.Errorf("%s, %s: got %v", tt.name, name, err)
			}
			if !bytes.Equal(request, tt.in) || !bytes.Equal(response, conn.Written) {
				t.Errorf("%s, %s: shown %q and %q", tt.name, name, request, response)
			}
		}
	}
}

// The deadlines of a net.Conn reach it through the recorder.
func TestDebugUpgraderKeepsTheTimeout(t *testing.T) {
	conn := wstest.NewConn(wstest.GoodRequest().Bytes())
	d := wsutil.DebugUpgrader{Upgrader: ws.Upgrader{Timeout: patience}}
	if _, err := d.Upgrade(conn); err != nil || len(conn.Deadlines) != 2 || conn.Deadlines[0].IsZero() || !conn.Deadlines[1].IsZero() {
		t.Errorf("got %v, deadlines %v", err, conn.Deadlines)
	}
}

func ExampleDebugUpgrader() {
	conn := wstest.NewConn(wstest.GoodRequest().Bytes())
	d := wsutil.DebugUpgrader{
		OnRequest:  func(p []byte) { fmt.Println("in: ", firstLine(p)) },
		OnResponse: func(p []byte) { fmt.Println("out:", firstLine(p)) },
	}
	if _, err := d.Upgrade(conn); err != nil {
		fmt.Println(err)
	}
	// Output:
	// in:  GET /chat HTTP/1.1
	// out: HTTP/1.1 101 Switching Protocols
}

func firstLine(p []byte) string {
	line, _, _ := strings.Cut(string(p), "\r\n")
	return line
}

func ExampleDebugDialer() {
	client, server := net.Pipe()
	go func() {
		ws.Upgrade(server)
		io.Copy(io.Discard, server)
	}()
	d := wsutil.DebugDialer{
		Dialer:     ws.Dialer{NetDial: func(context.Context, string, string) (net.Conn, error) { return client, nil }},
		OnRequest:  func(p []byte) { fmt.Println("out:", firstLine(p)) },
		OnResponse: func(p []byte) { fmt.Println("in: ", firstLine(p)) },
	}
	conn, _, _, err := d.Dial(context.Background(), "ws://example.com/chat")
	fmt.Println(conn == client, err)
	// Output:
	// out: GET /chat HTTP/1.1
	// in:  HTTP/1.1 101 Switching Protocols
	// true <nil>
}
