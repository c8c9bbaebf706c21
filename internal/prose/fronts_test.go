package prose

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// patience bounds every wait; no verdict depends on it.
const patience = time.Minute

// A row of the table in docs/security.md: what stands in a head besides what has
// to, and after it.
type row struct{ name, request, response, after string }

func fill(size int) string {
	return strings.Repeat("X: "+strings.Repeat("x", 8<<10)+"\r\n", size>>13)
}

var rows = []row{
	{"nothing unusual", "X: y\r\n", "X: y\r\n", ""},
	{"a line that ends in LF alone", "X: y\n", "X: y\n", ""},
	{"a CR alone", "X: a\rb\r\n", "X: a\rb\r\n", ""},
	{"a folded line", "X: a\r\n b\r\n", "X: a\r\n b\r\n", ""},
	{"a space before the colon", "X : y\r\n", "X : y\r\n", ""},
	{"a control character in a value", "X: a\x01b\r\n", "X: a\x01b\r\n", ""},
	{"`Host` twice", "Host: b\r\n", "", ""},
	{"a head of more than 64 KiB", fill(72 << 10), fill(72 << 10), ""},
	{"a head of more than 1 MiB", fill(1100 << 10), fill(1100 << 10), ""},
	{"a head of more than 10 MiB", fill(11 << 20), fill(11 << 20), ""},
	{"a line of more than 16 KiB", "X: " + strings.Repeat("x", 17<<10) + "\r\n", "X: " + strings.Repeat("x", 17<<10) + "\r\n", ""},
	{"more than 128 fields", strings.Repeat("X: y\r\n", 129), strings.Repeat("X: y\r\n", 129), ""},
	{"`Content-Length: 5`", "Content-Length: 5\r\n", "Content-Length: 5\r\n", ""},
	{"`Transfer-Encoding: chunked`", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\n", ""},
	{"frames together with the head", "", "", "\x89\x80\x00\x00\x00\x00"},
}

func TestTheTableSaysWhatEachFrontRefuses(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			cells := []string{
				serverSays(t, r, serveUpgrader), serverSays(t, r, serveHTTPUpgrader),
				clientSays(t, r, dialWS), clientSays(t, r, dialWebsocket),
			}
			for i, again := range []string{serverSays(t, r, serveAcceptConn), serverSays(t, r, serveAccept)} {
				if again != cells[i] {
					t.Errorf("two fronts of column %d differ: %s and %s", i, cells[i], again)
				}
			}
			line := "| " + r.name + " | " + strings.Join(cells, " | ") + " |\n"
			if !strings.Contains(page, "\n"+line) {
				t.Errorf("docs/security.md does not say\n%s", line)
			}
		})
	}
}

// quiet drops what net/http logs about connections that end badly.
var quiet = log.New(io.Discard, "", 0)

// serveEach serves each connection of a listener.
func serveEach(handshake func(net.Conn) error) func(net.Listener) {
	return func(l net.Listener) {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if handshake(conn) != nil {
					io.Copy(io.Discard, conn) // so that the answer is not lost
				}
			}()
		}
	}
}

func serveUpgrader(l net.Listener) {
	serveEach(func(c net.Conn) error { _, err := ws.Upgrade(c); return err })(l)
}

func serveAcceptConn(l net.Listener) {
	serveEach(func(c net.Conn) error { _, err := websocket.AcceptConn(c, nil); return err })(l)
}

func serveHTTPUpgrader(l net.Listener) {
	serveHTTP(l, func(w http.ResponseWriter, r *http.Request) { ws.UpgradeHTTP(r, w) })
}

func serveAccept(l net.Listener) {
	serveHTTP(l, func(w http.ResponseWriter, r *http.Request) { websocket.Accept(w, r, nil) })
}

func serveHTTP(l net.Listener, h http.HandlerFunc) {
	(&http.Server{Handler: h, ErrorLog: quiet}).Serve(l)
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// serverSays sends a server the request.
func serverSays(t *testing.T, r row, serve func(net.Listener)) string {
	t.Helper()
	if r.request == "" && r.after == "" {
		return "-"
	}
	l := listen(t)
	go serve(l)
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	go io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"+r.request+"\r\n"+r.after)
	status := make([]byte, len("HTTP/1.1 101"))
	if _, err := io.ReadFull(conn, status); os.IsTimeout(err) {
		t.Errorf("no answer to a request with %s", r.name)
	}
	return verdict(string(status) == "HTTP/1.1 101")
}

func verdict(taken bool) string {
	if taken {
		return "taken"
	}
	return "refused"
}

func dialWS(ctx context.Context, url string) error {
	conn, _, _, err := ws.Dial(ctx, url)
	if err == nil {
		conn.Close()
	}
	return err
}

func dialWebsocket(ctx context.Context, url string) error {
	c, _, err := websocket.Dial(ctx, url, nil)
	if err == nil {
		c.CloseNow()
	}
	return err
}

// clientSays answers a client with the response.
func clientSays(t *testing.T, r row, dial func(context.Context, string) error) string {
	t.Helper()
	if r.response == "" && r.after == "" {
		return "-"
	}
	l := listen(t)
	go serveEach(func(conn net.Conn) error {
		request, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return err
		}
		digest := sha1.Sum([]byte(request.Header.Get("Sec-Websocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+
			base64.StdEncoding.EncodeToString(digest[:])+"\r\n"+r.response+"\r\n"+r.after)
		io.Copy(io.Discard, conn)
		return nil
	})(l)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := dial(ctx, "ws://"+l.Addr().String()+"/")
	if ctx.Err() != nil {
		t.Errorf("no verdict on a response with %s", r.name)
	}
	return verdict(err == nil)
}
