package connect

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/ws"
)

// patience bounds what would otherwise hang. No verdict depends on it.
const patience = 10 * time.Second

// startServer runs the server of "wirews serve", and returns its URL.
func startServer(t *testing.T, path string) *url.URL {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := serve.New(serve.Default())
	go s.Serve(l)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return mustParse(t, "ws://"+l.Addr().String()+path)
}

// startScript runs a server that upgrades, and then does to each connection
// what the script says.
func startScript(t *testing.T, script func(t *testing.T, conn net.Conn)) *url.URL {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, _, err := ws.UpgradeHTTP(r, w)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(patience))
		script(t, conn)
	}))
	t.Cleanup(s.Close)
	return mustParse(t, "ws"+strings.TrimPrefix(s.URL, "http"))
}

func mustParse(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := ParseURL(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// wantOutcome compares the exit status, and what the error says.
func wantOutcome(t *testing.T, what string, err error, want exit.Status, words ...string) {
	t.Helper()
	got := exit.OK
	if err != nil {
		got = exit.Failed
		if e, ok := errors.AsType[*exit.Error](err); ok {
			got = e.Status
		}
	}
	if got != want {
		t.Errorf("%s: outcome %d (%v), want %d", what, got, err, want)
	}
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: error %q, want %q in it", what, err, word)
		}
	}
}

// buffer may be read while it is written to.
type buffer struct {
	mu   sync.Mutex
	all  bytes.Buffer
	more chan struct{} // closed by the next Write, if anybody waits for it
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.more != nil {
		close(b.more)
		b.more = nil
	}
	return b.all.Write(p)
}

// wait returns what was written, and what tells of the next Write.
func (b *buffer) wait() (all string, more <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.more == nil {
		b.more = make(chan struct{})
	}
	return b.all.String(), b.more
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

func discard(conn net.Conn) {
	for b := make([]byte, 4096); ; {
		if _, err := conn.Read(b); err != nil {
			return
		}
	}
}

func frame(op ws.OpCode, p string) []byte {
	return ws.AppendFrame(nil, ws.NewFrame(op, true, []byte(p)))
}

func closeFrame(code ws.StatusCode, reason string) []byte {
	return frame(ws.OpClose, string(ws.AppendClose(nil, code, reason)))
}
