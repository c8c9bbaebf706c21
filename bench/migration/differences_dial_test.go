package migration_test

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"

	gobwas "github.com/gobwas/ws"

	"github.com/wirews/wirews/ws"
)

// answering is a server that answers one request with a 101 and more fields, and
// says which target was asked for.
func answering(fields string) (dial func(context.Context, string, string) (net.Conn, error), target chan string) {
	target = make(chan string, 1)
	return func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			r, err := http.ReadRequest(bufio.NewReader(server))
			if err != nil {
				target <- err.Error()
				return
			}
			target <- r.RequestURI
			io.WriteString(server, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
				"Sec-WebSocket-Accept: "+acceptKey(r.Header.Get("Sec-WebSocket-Key"))+"\r\n"+fields+"\r\n")
		}()
		return client, nil
	}, target
}

// acceptKey answers a key (RFC 6455, section 4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func TestD18A101ThatAnnouncesABody(t *testing.T) {
	for _, field := range []string{"Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n"} {
		dial, _ := answering(field)
		if _, _, _, err := (gobwas.Dialer{NetDial: dial}).Dial(t.Context(), "ws://example.com/"); err != nil {
			t.Errorf("gobwas/ws: %q: %v", field, err)
		}
		dial, _ = answering(field)
		if _, _, _, err := (ws.Dialer{NetDial: dial}).Dial(t.Context(), "ws://example.com/"); !errors.Is(err, ws.ErrHandshakeBadFraming) {
			t.Errorf("wirews: %q: %v", field, err)
		}
	}
}

func TestD19AQueryThatIsNotASCII(t *testing.T) {
	const url = "ws://example.com/?q=é"
	dial, target := answering("")
	gobwas.Dialer{NetDial: dial}.Dial(t.Context(), url)
	if got := <-target; got != "/?q=é" {
		t.Errorf("gobwas/ws asks for %q", got)
	}
	dial, target = answering("")
	if _, _, _, err := (ws.Dialer{NetDial: dial}).Dial(t.Context(), url); err != nil {
		t.Error(err)
	}
	if got := <-target; got != "/?q=%C3%A9" {
		t.Errorf("wirews asks for %q", got)
	}
}
