package coder

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	coder "github.com/coder/websocket"

	"github.com/wirews/wirews/websocket"
)

// An Origin field with nothing in it comes from no browser, and from no client
// that leaves it out either. The page says that it is refused here.
func TestAnEmptyOriginIsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		accept http.HandlerFunc
		want   int
	}{
		{"coder", func(w http.ResponseWriter, r *http.Request) { coder.Accept(w, r, nil) }, 101},
		{"wirews", func(w http.ResponseWriter, r *http.Request) { websocket.Accept(w, r, nil) }, 403},
	} {
		s := httptest.NewServer(c.accept)
		defer s.Close()
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: \r\n"+
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || response.StatusCode != c.want {
			t.Errorf("%s: %+v, %v; want %d", c.name, response, err, c.want)
		}
	}
}
