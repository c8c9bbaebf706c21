package http2

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

var bg = context.Background()

// accepted is a server that accepts, gives the connection to handler, and tells how
// that has ended.
func accepted(t *testing.T, opts *websocket.AcceptOptions, handler func(c *websocket.Conn) error) (*client, chan error) {
	t.Helper()
	ended := make(chan error, 100)
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, opts)
		if err == nil {
			err = handler(c)
			c.CloseNow()
		}
		ended <- err
	}))
	c := dial(t, s)
	if settings := <-c.settings; settings[http2.SettingEnableConnectProtocol] != 1 {
		t.Fatalf("SETTINGS_ENABLE_CONNECT_PROTOCOL is not offered: %v", settings)
	}
	return c, ended
}

func echo(c *websocket.Conn) error {
	c.SetReadLimit(-1)
	return c.Serve(bg, func(ctx context.Context, typ websocket.MessageType, p []byte) error { return c.Write(ctx, typ, p) })
}

func TestAcceptOverHTTP2(t *testing.T) {
	c, ended := accepted(t, &websocket.AcceptOptions{Subprotocols: []string{"b", "a"}}, func(c *websocket.Conn) error {
		if c.Subprotocol() != "b" || c.TLS() == nil || c.TLS().Version != tls.VersionTLS13 {
			t.Errorf("subprotocol %q, TLS %v", c.Subprotocol(), c.TLS())
		}
		if _, ok := c.RemoteAddr().(*net.TCPAddr); !ok {
			t.Errorf("peer %v", c.RemoteAddr())
		}
		return echo(c)
	})
	s := c.connect("sec-websocket-protocol", "a, b")
	if status := s.answer(t); status != "200" {
		t.Fatalf("status %s", status)
	}
	for _, size := range []int{0, 5, 1 << 10, 300 << 10} {
		text := strings.Repeat("x", size)
		s.Write(ws.AppendFrame(nil, ws.MaskFrame(ws.NewTextFrame([]byte(text)))))
		got, err := wsutil.ReadServerText(s)
		if err != nil || string(got) != text {
			t.Fatalf("%d bytes came back of %d, %v", len(got), size, err)
		}
	}
	s.Write(ws.AppendFrame(nil, ws.MaskFrame(ws.NewCloseFrame(ws.NewCloseFrameBody(1000, "bye")))))
	f, err := ws.ReadFrame(s)
	if err != nil || f.Header.OpCode != ws.OpClose || string(f.Payload) != string(ws.NewCloseFrameBody(1000, "bye")) {
		t.Fatalf("%+v, %v", f, err)
	}
	if n, err := s.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("after the close frame: %d, %v, want the end of the stream", n, err)
	}
	s.end()
	if err := <-ended; websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		t.Errorf("the server's end: %v", err)
	}
}

func TestWhatIsRefusedOverHTTP2(t *testing.T) {
	c, ended := accepted(t, nil, echo)
	for _, tc := range []struct {
		name   string
		fields []string
		status string
		rule   error
	}{
		{"another protocol", []string{":protocol", "connect-udp"}, "501", ws.ErrHandshakeBadStreamProtocol},
		{"a GET", []string{":method", "GET", ":protocol", "-"}, "501", ws.ErrHandshakeHTTP2},
		{"no version", []string{"sec-websocket-version", "-"}, "400", ws.ErrHandshakeBadSecVersion},
		{"another version", []string{"sec-websocket-version", "12"}, "400", ws.ErrHandshakeBadSecVersion},
		{"another origin", []string{"origin", "https://evil.example"}, "403", ws.ErrHandshakeBadOrigin},
	} {
		if status := c.connect(tc.fields...).answer(t); status != tc.status {
			t.Errorf("%s: status %s, want %s", tc.name, status, tc.status)
		}
		if err := <-ended; !errors.Is(err, tc.rule) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.rule)
		}
	}
	if status := c.connect("origin", "https://server.example").answer(t); status != "200" {
		t.Errorf("the same origin: status %s", status)
	}
}

// A deadline of the stream would be final: a cancelled read is none.
func TestACancelledReadOverHTTP2LeavesTheConnection(t *testing.T) {
	c, ended := accepted(t, nil, func(c *websocket.Conn) error {
		for range 3 {
			ctx, cancel := context.WithTimeout(bg, time.Millisecond)
			_, _, err := c.Read(ctx)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				return fmt.Errorf("cancelled: %v", err)
			}
		}
		if err := c.Write(bg, websocket.MessageText, []byte("now")); err != nil {
			return err
		}
		_, p, err := c.Read(bg)
		if err == nil && string(p) != "late" {
			err = fmt.Errorf("received %q", p)
		}
		return err
	})
	s := c.connect()
	if got, err := wsutil.ReadServerText(s); err != nil || string(got) != "now" {
		t.Fatalf("%q, %v", got, err)
	}
	s.Write(ws.AppendFrame(nil, ws.MaskFrame(ws.NewTextFrame([]byte("late")))))
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestHowAStreamEnds(t *testing.T) {
	for name, end := range map[string]func(c *client, s *stream){
		"RST_STREAM":             func(_ *client, s *stream) { s.cancel() },
		"loss of the connection": func(c *client, _ *stream) { c.conn.Close() },
		"END_STREAM":             func(_ *client, s *stream) { s.end() },
		"GOAWAY and the end": func(c *client, _ *stream) {
			c.mu.Lock()
			c.framer.WriteGoAway(0, http2.ErrCodeNo, nil)
			c.mu.Unlock()
			c.conn.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, ended := accepted(t, nil, func(c *websocket.Conn) error {
				_, _, err := c.Read(bg)
				return err
			})
			s := c.connect()
			s.answer(t)
			end(c, s)
			err := <-ended
			if e, ok := errors.AsType[*websocket.ConnError](err); !ok || e.By != websocket.EndedByTransport || e.Code != ws.StatusAbnormalClosure {
				t.Errorf("%T: %v", err, err)
			}
		})
	}
}

func TestTheConnectionEndsWithItsHandler(t *testing.T) {
	conns := make(chan *websocket.Conn, 1)
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := websocket.Accept(w, r, nil); err == nil {
			conns <- c
		}
	}))
	st := dial(t, s).connect()
	if _, err := st.Read(make([]byte, 1)); err == nil {
		t.Error("the stream goes on")
	}
	c := <-conns
	for c.Write(bg, websocket.MessageText, nil) == nil { // until the server has noted that
		runtime.Gosched()
	}
	if _, _, err := c.Read(bg); err == nil {
		t.Error("reading goes on")
	}
}

func TestAServerOverHTTP2ShutsDown(t *testing.T) {
	server := &websocket.Server{Handler: func(ctx context.Context, c *websocket.Conn) { echo(c) }, Detach: true}
	s := serve(t, server)
	c := dial(t, s)
	var all []*stream
	for range 10 {
		st := c.connect()
		if status := st.answer(t); status != "200" {
			t.Fatal(status)
		}
		all = append(all, st)
	}
	done := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(bg, patience)
		defer cancel()
		report, err := server.Shutdown(ctx)
		if err == nil && report.Closed == 0 {
			err = fmt.Errorf("%+v", report)
		}
		done <- err
	}()
	for _, st := range all {
		f, err := ws.ReadFrame(st)
		if err != nil || f.Header.OpCode != ws.OpClose {
			t.Fatalf("%+v, %v", f, err)
		}
		st.Write(ws.AppendFrame(nil, ws.MaskFrame(f)))
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Streams that are opened and reset at once, for as long as it lasts, leave nothing:
// neither goroutines nor memory. How long that takes is logged.
func TestRapidResetsLeaveNothing(t *testing.T) {
	resets := 100_000
	if testing.Short() {
		resets = 5_000
	}
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := websocket.Accept(w, r, nil); err == nil {
			echo(c)
		}
	}))
	before, heap := runtime.NumGoroutine(), heapInUse()
	for n := 0; n < resets; {
		c := dial(t, s) // again when the server has had enough of one
		for ; n < resets && c.reset() == nil; n++ {
		}
		c.conn.Close()
	}
	ended := time.Now()
	for late := ended.Add(patience); runtime.NumGoroutine() > before+3; runtime.Gosched() {
		if time.Now().After(late) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
	t.Logf("%d resets; the goroutines were gone after %v", resets, time.Since(ended))
	// The last connection may still be on its way out.
	wstest.Until(t, "the heap is as small as before, but for 4 MiB", func() bool { return heapInUse() <= heap+4<<20 })
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
