package proxydial

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
)

// FuzzAnswer has a proxy say anything. What it says is read as it is in pieces; if a
// tunnel comes of it, the rest is what the tunnel yields, and net/http finds the same
// answer to a CONNECT.
func FuzzAnswer(f *testing.F) {
	for which, said := range []string{
		"HTTP/1.1 200 OK\r\n\r\n" + hello,
		"HTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.0 204 None\r\nContent-Length: 5\r\n\r\n" + hello,
		"HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic\r\n\r\n",
		"HTTP/1.1 200",
		"\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00" + hello,
		"\x05\x00\x05\x00\x00\x03\x01a\x00\x00" + hello,
		"\x05\x02\x01\x00\x05\x00\x00\x04" + hello + hello + hello + hello,
		"\x05\x02\x01\x01",
		"\x05\x00\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00",
		"\x05\xff",
	} {
		f.Add([]byte(said), uint16(which), which < 4)
	}
	f.Fuzz(func(t *testing.T, said []byte, cut uint16, connect bool) {
		proxy := "socks5://me:secret@proxy"
		if connect {
			proxy = "http://me:secret@proxy"
		}
		at := min(int(cut), len(said))
		rest, err := tunnel(t, proxy, said)
		inPieces, errInPieces := tunnel(t, proxy, said[:at], said[at:])
		if (err == nil) != (errInPieces == nil) || !bytes.Equal(rest, inPieces) {
			t.Fatalf("whole: %q, %v\ncut at %d: %q, %v", rest, err, at, inPieces, errInPieces)
		}
		if err == nil && !bytes.HasSuffix(said, rest) {
			t.Fatalf("the tunnel yields %q of %q", rest, said)
		}
		if err == nil && connect {
			foundByNetHTTP(t, said[:len(said)-len(rest)])
		}
	})
}

// tunnel dials by a proxy that says pieces, and returns what the tunnel yields.
func tunnel(t *testing.T, proxy string, pieces ...[]byte) ([]byte, error) {
	t.Helper()
	conn := wstest.NewConn(pieces...)
	d := Dialer{Proxy: parse(t, proxy), Dial: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}
	c, err := d.DialContext(t.Context(), "tcp", "example.org:80")
	if err != nil {
		if conn.Closed != 1 {
			t.Fatalf("closed %d times after %v", conn.Closed, err)
		}
		return nil, err
	}
	rest, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return rest, nil
}

// lengths are in the errors of net/http about what a client ignores in a successful
// answer to CONNECT: Content-Length and Transfer-Encoding (RFC 9110, section 9.3.6).
var lengths = regexp.MustCompile(`(?i)content-length|transfer[- ]encoding`)

// foundByNetHTTP demands that the heads are interim responses and, at the end of them,
// one that lets a tunnel be.
func foundByNetHTTP(t *testing.T, heads []byte) {
	t.Helper()
	r := bufio.NewReader(bytes.NewReader(heads))
	for {
		resp, err := http.ReadResponse(r, &http.Request{Method: "CONNECT"})
		if err != nil && lengths.MatchString(err.Error()) {
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", heads, err)
		}
		if resp.StatusCode/100 == 1 {
			continue
		}
		if left, _ := io.ReadAll(r); resp.StatusCode/100 != 2 || len(left) > 0 {
			t.Fatalf("net/http finds status %d in %q, and %q after it", resp.StatusCode, heads, left)
		}
		return
	}
}
