package ws_test

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// acceptOf is RFC 6455, section 4.2.2, item 5.4, written down once more.
func acceptOf(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// good is a correct request and goodResponse what answers it.
var good = wstest.GoodRequest()

const goodResponse = "HTTP/1.1 101 Switching Protocols\r\n" +
	"Upgrade: websocket\r\n" +
	"Connection: Upgrade\r\n" +
	"Sec-WebSocket-Accept: " + wstest.Accept + "\r\n\r\n"

// parseResponse lets net/http judge a response: it is one, and nothing stands
// behind it.
func parseResponse(t testing.TB, b []byte) (*http.Response, string) {
	t.Helper()
	br := bufio.NewReader(bytes.NewReader(b))
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		t.Fatalf("net/http does not take the response %q: %v", b, err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("body of %q: %v", b, err)
	}
	if rest, _ := io.ReadAll(br); len(rest) > 0 {
		t.Fatalf("behind the response stands %q", rest)
	}
	return resp, string(body)
}

// wantRefusal fails the test unless b is a complete refusal with that status.
func wantRefusal(t testing.TB, b []byte, status int) (*http.Response, string) {
	t.Helper()
	resp, body := parseResponse(t, b)
	if resp.StatusCode != status {
		t.Fatalf("got %q, want status %d", b, status)
	}
	if !resp.Close {
		t.Errorf("no Connection: close in %q", b)
	}
	if int64(len(body)) != resp.ContentLength && resp.ContentLength >= 0 {
		t.Errorf("Content-Length %d of a body of %d bytes", resp.ContentLength, len(body))
	}
	return resp, body
}

// rejected returns the rejection in err, or fails the test.
func rejected(t testing.TB, err error) *ws.ConnectionRejectedError {
	t.Helper()
	var r *ws.ConnectionRejectedError
	if !errors.As(err, &r) {
		t.Fatalf("got error %v, want a *ConnectionRejectedError", err)
	}
	if len(r.Value) > 64 {
		t.Errorf("the error carries %d bytes of the peer's, want at most 64", len(r.Value))
	}
	if !strings.HasPrefix(err.Error(), "ws: ") {
		t.Errorf("text of the error: %q", err)
	}
	return r
}

// outcome is everything that ServerHandshake.Next says.
type outcome struct {
	Response string
	Protocol string
	Options  []string
	Size     int
	Err      string
}

func outcomeOf(response []byte, hs ws.Handshake, n int, err error) outcome {
	o := outcome{Response: string(response), Protocol: hs.Protocol, Size: n}
	for _, opt := range hs.Extensions {
		o.Options = append(o.Options, opt.String())
	}
	if err != nil {
		o.Err = err.Error()
	}
	return o
}

// dstText stands in front of what is appended, to see that it stays.
const dstText = "dst"

// feed gives s what has arrived after each piece until it has an answer.
func feed(t testing.TB, s *ws.ServerHandshake, pieces [][]byte) (o outcome, short bool) {
	t.Helper()
	for b := range wstest.Grow(pieces) {
		before := string(b)
		response, hs, n, err := s.Next([]byte(dstText), b)
		if string(b) != before {
			t.Fatalf("the input was changed to %q", b)
		}
		if err != ws.ErrShort {
			return outcomeOf(response, hs, n, err), false
		}
		if string(response) != dstText || n != 0 || !reflect.DeepEqual(hs, ws.Handshake{}) {
			t.Fatalf("ErrShort with %q, %d, %+v", response, n, hs)
		}
	}
	return outcome{}, true
}

// memConn yields In again each time it is reset, and allocates nothing.
type memConn struct {
	In  []byte
	pos int
	out [1024]byte
	n   int
}

func (c *memConn) Read(p []byte) (int, error) {
	if c.pos == len(c.In) {
		return 0, io.EOF
	}
	n := copy(p, c.In[c.pos:])
	c.pos += n
	return n, nil
}

func (c *memConn) Write(p []byte) (int, error) {
	c.n = copy(c.out[:], p)
	return len(p), nil
}

func (c *memConn) reset() { c.pos, c.n = 0, 0 }

func mustURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}
