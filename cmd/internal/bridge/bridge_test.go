package bridge

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/websocket"
)

// patience bounds what would otherwise hang. No verdict depends on it.
const patience = 30 * time.Second

// log is written to while it is read.
type log struct {
	mu   sync.Mutex
	text strings.Builder
	addr chan string
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, addr, ok := strings.Cut(string(p), "addr="); ok {
		l.addr <- strings.TrimSpace(addr)
	}
	return l.text.Write(p)
}

func options(l *log) Options {
	return Options{Log: slog.New(slog.NewTextHandler(l, nil)), Stdin: strings.NewReader(""), Stdout: io.Discard}
}

func mustParse(t *testing.T, s string) Address {
	t.Helper()
	a, err := ParseAddress(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// echoServer returns the URL of a WebSocket server that sends back what comes.
func echoServer(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(&websocket.Server{Handler: func(ctx context.Context, c *websocket.Conn) {
		c.Serve(ctx, func(ctx context.Context, typ websocket.MessageType, p []byte) error { return c.Write(ctx, typ, p) })
	}})
	t.Cleanup(s.Close)
	return "ws" + strings.TrimPrefix(s.URL, "http")
}

// listen runs a bridge that listens, and returns where.
func listen(t *testing.T, from, to string, o func(*Options)) string {
	t.Helper()
	l := &log{addr: make(chan string, 1)}
	options := options(l)
	if o != nil {
		o(&options)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, mustParse(t, from), mustParse(t, to), options) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return <-l.addr
}

func TestStdinAndStdoutTalkWithAWebSocket(t *testing.T) {
	many := strings.Repeat("a line\n", 10_000)
	for _, c := range []struct {
		name, in string
		text     bool
		want     string
	}{
		{"lines", "a\n\nb", true, "a\n\nb\n"},
		{"bytes", "\x00\xff\n", false, "\x00\xff\n"},
		{"nothing", "", false, ""},
		{"many lines", many, true, many},
		{"many bytes", many, false, many},
	} {
		var out bytes.Buffer
		o := options(nil)
		o.Text, o.Stdin, o.Stdout = c.text, strings.NewReader(c.in), &out
		err := Run(t.Context(), mustParse(t, "-"), mustParse(t, echoServer(t)), o)
		if got := out.String(); err != nil || got != c.want {
			t.Errorf("%s: %d bytes, error %v; want %d", c.name, len(got), err, len(c.want))
		}
	}
}

// A chain of bridges: TCP to WebSocket, WebSocket to a unix socket, and that to the
// echo of a WebSocket server.
func TestBridgesMakeAChain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	listen(t, "unix-listen:"+path, echoServer(t), nil)
	inner := listen(t, "ws-listen:127.0.0.1:0", "unix:"+path, nil)
	outer := listen(t, "tcp-l:127.0.0.1:0", "ws://"+inner+"/any", nil)
	for range 3 {
		conn, err := net.Dial("tcp", outer)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(patience))
		if _, err := conn.Write([]byte("through all of it")); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len("through all of it"))
		if _, err := io.ReadFull(conn, got); err != nil || string(got) != "through all of it" {
			t.Errorf("%q, error %v", got, err)
		}
		conn.Close()
	}
}

func TestAPeerThatCannotBeReachedEndsItsConnectionOnly(t *testing.T) {
	addr := listen(t, "ws-listen:127.0.0.1:0", "tcp:127.0.0.1:1", nil)
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		c, _, err := websocket.Dial(ctx, "ws://"+addr, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Read(ctx); websocket.CloseStatus(err) != websocket.StatusTryAgainLater {
			t.Errorf("%v, want 1013", err)
		}
	}
	err := Run(t.Context(), mustParse(t, "-"), mustParse(t, "tcp:127.0.0.1:1"), options(nil))
	if exit.Of(err) != exit.Unreachable {
		t.Errorf("%v", err)
	}
}

func TestWhatIsNoAddressIsRefused(t *testing.T) {
	for _, s := range []string{"", "tcp", "tcp:", "tcp:host", "udp:host:1", "ws:host:1", "tcp-x:host:1", "http://x", "unix:"} {
		if a, err := ParseAddress(s); err == nil {
			t.Errorf("%q is %+v", s, a)
		}
	}
	if err := Run(t.Context(), mustParse(t, "-"), mustParse(t, "tcp-listen:localhost:1"), options(nil)); err == nil || !strings.Contains(err.Error(), "first, as in") {
		t.Errorf("%v", err)
	}
}
