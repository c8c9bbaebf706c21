// Package page_test tests package websocket in a web page, and in Node: `make e2e` runs it
// there. PAGE_SERVER is the URL of the server for it, which is cmd/e2e/peer.
package page_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall/js"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
)

// inPage returns the URL of a path at the server, with an id of the test's own, and a
// context that ends a test which hangs.
func inPage(t *testing.T, path string) (ctx context.Context, target string) {
	t.Helper()
	server := os.Getenv("PAGE_SERVER")
	if server == "" {
		t.Skip("PAGE_SERVER names no server; `make e2e` starts one")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	path, query, _ := strings.Cut(path, "?")
	return ctx, fmt.Sprintf("%s%s?id=%s&%s", server, path, url.QueryEscape(t.Name()), query)
}

// dialPage connects to a path at the server.
func dialPage(t *testing.T, path string, opts *websocket.DialOptions) (context.Context, *websocket.Conn) {
	t.Helper()
	ctx, url := inPage(t, path)
	c, _, err := websocket.Dial(ctx, url, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	return ctx, c
}

func TestEchoes(t *testing.T) {
	ctx, c := dialPage(t, "echo", nil)
	c.SetReadLimit(8 << 20)
	largest := 4 << 20 // Node inflates no more
	text := []string{"", "plain", "世界 👋🏽 \x00", strings.Repeat("ä€", 100_000)}
	if !js.Global().Get("document").IsUndefined() {
		largest = 8 << 20
		text = append(text, "\ufeffwith a byte order mark") // Node takes it away from what it receives
	}
	binary := make([]byte, largest)
	for i := range binary {
		binary[i] = byte(i * i >> 8)
	}
	for _, s := range text {
		echoes(t, ctx, c, websocket.MessageText, []byte(s))
	}
	for _, size := range []int{0, 1, 30, 31, 125, 126, 65535, 65536, largest} {
		echoes(t, ctx, c, websocket.MessageBinary, binary[:size])
	}
}

func echoes(t *testing.T, ctx context.Context, c *websocket.Conn, typ websocket.MessageType, p []byte) {
	t.Helper()
	if err := c.Write(ctx, typ, p); err != nil {
		t.Fatal(err)
	}
	got, echo, err := c.Read(ctx)
	if err != nil || got != typ || !bytes.Equal(echo, p) {
		t.Fatalf("%d bytes of %v: %d bytes of %v, %v", len(p), typ, len(echo), got, err)
	}
}

func TestStreamsMessages(t *testing.T) {
	ctx, c := dialPage(t, "echo", nil)
	c.SetReadLimit(-1)
	line := strings.Repeat("a line of some length ", 100) + "\n"
	w, err := c.Writer(ctx, websocket.MessageText)
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if _, err := io.WriteString(w, line); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	typ, r, err := c.Reader(ctx)
	if err != nil || typ != websocket.MessageText {
		t.Fatal(typ, err)
	}
	got, err := io.ReadAll(r)
	if err != nil || string(got) != strings.Repeat(line, 1000) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
}

func TestKeepsTheOrder(t *testing.T) {
	ctx, c := dialPage(t, "echo", nil)
	const n = 2000
	sent := make(chan error, 1)
	go func() {
		var err error
		for i := 0; i < n && err == nil; i++ {
			err = c.Write(ctx, websocket.MessageText, fmt.Append(nil, i))
		}
		sent <- err
	}()
	for i := range n {
		if _, p, err := c.Read(ctx); err != nil || string(p) != fmt.Sprint(i) {
			t.Fatalf("%d: %q, %v", i, p, err)
		}
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

func TestAgreesOnASubprotocol(t *testing.T) {
	ctx, url := inPage(t, "echo")
	c, resp, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{"a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	if got := c.Subprotocol(); got != "b" || resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get("Sec-WebSocket-Protocol") != "b" {
		t.Errorf("%q, %v", got, resp)
	}
	if got := c.RemoteAddr().String(); !strings.Contains(url, got) || got == "" {
		t.Errorf("the remote address is %q", got)
	}
}

func TestCannotDoAll(t *testing.T) {
	ctx, url := inPage(t, "echo")
	for name, opts := range map[string]*websocket.DialOptions{
		"HTTPHeader":     {HTTPHeader: http.Header{"Authorization": {"Bearer x"}}},
		"Host":           {Host: "example.com"},
		"KeepAlive":      {KeepAlive: websocket.KeepAlive{Interval: time.Second}},
		"HTTPClient":     {HTTPClient: &http.Client{Transport: http.DefaultTransport}},
		"OnPongReceived": {OnPongReceived: func(context.Context, []byte) {}},
		"StallTimeout":   {StallTimeout: time.Second},
	} {
		_, _, err := websocket.Dial(ctx, url, opts)
		if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), name) || !websocket.IsPermanent(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, c := dialPage(t, "echo", &websocket.DialOptions{
		HTTPClient: &http.Client{Timeout: time.Minute}, CompressionMode: websocket.CompressionContextTakeover,
	})
	if err := c.Ping(ctx); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Ping: %v", err)
	}
	if err := c.SendPing(ctx, nil); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("SendPing: %v", err)
	}
	if c.Compressed() || c.TLS() != nil {
		t.Error("a page does not know that")
	}
	echoes(t, ctx, c, websocket.MessageText, []byte("and goes on"))
}

func TestSaysWhyItDoesNotConnect(t *testing.T) {
	ctx, _ := inPage(t, "")
	_, _, err := websocket.Dial(ctx, "ws://127.0.0.1:9/", nil) // discard, where nobody listens
	if _, ok := errors.AsType[*net.OpError](err); !ok || websocket.IsPermanent(err) {
		t.Errorf("nobody listens: %v", err)
	}
	for url, subprotocol := range map[string]string{"://": "", "ftp://localhost/": "", "ws://localhost/#f": "", "ws://localhost/": "no token"} {
		opts := &websocket.DialOptions{}
		if subprotocol != "" {
			opts.Subprotocols = []string{subprotocol}
		}
		if _, _, err := websocket.Dial(ctx, url, opts); !websocket.IsPermanent(err) {
			t.Errorf("%s %s: %v", url, subprotocol, err)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := websocket.Dial(ended, "ws://127.0.0.1:9/", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
}
