package peer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// Dial connects, with compression on offer. The test's end closes the connection, and
// the context ends with Patience.
func Dial(t testing.TB, url string) (context.Context, *websocket.Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	t.Cleanup(cancel)
	c, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{CompressionMode: websocket.CompressionContextTakeover})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	return ctx, c
}

// Say sends a text and wants another one back.
func Say(ctx context.Context, t testing.TB, c *websocket.Conn, say, want string) {
	t.Helper()
	if err := c.Write(ctx, websocket.MessageText, []byte(say)); err != nil {
		t.Fatal(err)
	}
	Hear(ctx, t, c, want)
}

// Hear wants the next message to be that text.
func Hear(ctx context.Context, t testing.TB, c *websocket.Conn, want string) {
	t.Helper()
	if _, got, err := c.Read(ctx); err != nil || string(got) != want {
		t.Fatalf("got %.80q of %d bytes, %v; want %.80q", got, len(got), err, want)
	}
}

// TestEcho wants an echo server at url: of messages of several sizes, a ping, and the
// closing handshake. It refuses pages of others, closes with 1007 on text that is not UTF-8, and
// goes on to serve others.
func TestEcho(t *testing.T, url string) {
	t.Helper()
	if c, resp, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"https://evil.example"}}}); err == nil {
		c.CloseNow()
		t.Error("a page of another site was accepted")
	} else if _, ok := errors.AsType[*ws.ResponseError](err); !ok || resp.StatusCode != http.StatusForbidden {
		t.Errorf("a page of another site: %v, want status 403", err)
	}
	ctx, bad := Dial(t, url)
	if err := bad.Write(ctx, websocket.MessageText, []byte("\xff")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := bad.Read(ctx); websocket.CloseStatus(err) != websocket.StatusInvalidFramePayloadData {
		t.Errorf("text that is not UTF-8: %v, want 1007", err)
	}
	bad.CloseNow()

	ctx, c := Dial(t, url)
	for _, text := range []string{"Hello", "", strings.Repeat("x", 20_000), strings.Repeat("wide ", 6_000)} {
		Say(ctx, t, c, text, text)
	}
	c.CloseRead(ctx)
	if err := c.Ping(ctx); err != nil {
		t.Error(err)
	}
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

// WantAccepted reads the head of a response with status 101, and nothing after it.
func WantAccepted(t testing.TB, conn io.Reader) {
	t.Helper()
	var head []byte
	for b := make([]byte, 1); !bytes.HasSuffix(head, []byte("\r\n\r\n")); head = append(head, b...) {
		if _, err := io.ReadFull(conn, b); err != nil {
			t.Fatalf("%v after %q", err, head)
		}
	}
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) {
		t.Fatalf("got %q", head)
	}
}
