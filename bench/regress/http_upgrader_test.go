package regress_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// hijackable is a ResponseWriter over a connection that it can give away.
type hijackable struct {
	*httptest.ResponseRecorder
	conn     *peer
	hijacked bool
}

func newHijackable() *hijackable {
	return &hijackable{ResponseRecorder: httptest.NewRecorder(), conn: says()}
}

func (h *hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	h.hijacked = true
	return h.conn, bufio.NewReadWriter(bufio.NewReader(h.conn), bufio.NewWriter(h.conn)), nil
}

// status returns that of the response, by whatever way it went.
func (h *hijackable) status() string {
	if h.hijacked {
		return h.conn.status()
	}
	return fmt.Sprint(h.Code)
}

func parseRequest(s string) *http.Request {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(s)))
	if err != nil {
		panic(err)
	}
	return r
}

func TestHTTPUpgrader(t *testing.T) {
	checkLines(t, []line{
		{id: "W16", what: "the token Upgrade is found in the second line of Connection (net/http)", run: func(lib library) (bool, string) {
			w := newHijackable()
			_, _, err := lib.UpgradeHTTP(parseRequest(requestWithout("Connection", "Connection: keep-alive\r\nConnection: Upgrade\r\n")), w)
			return err == nil && w.status() == "101", fmt.Sprintf("status %s, error %v", w.status(), err)
		}},
		{id: "W31", what: "a request that is refused leaves no connection behind", run: func(lib library) (bool, string) {
			w := newHijackable()
			_, _, err := lib.UpgradeHTTP(parseRequest("GET / HTTP/1.1\r\nHost: server.example.com\r\n\r\n"), w)
			leaked := w.hijacked && !w.conn.closed
			return err != nil && !leaked, fmt.Sprintf("hijacked %v, closed %v, error %v", w.hijacked, w.conn.closed, err)
		}},
		{id: "W37", what: "a request over HTTP/2 is told that it is not offered", run: func(lib library) (bool, string) {
			r := parseRequest(request(""))
			r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/2.0", 2, 0
			w := httptest.NewRecorder() // cannot be hijacked, as one of HTTP/2
			_, _, err := lib.UpgradeHTTP(r, w)
			return err != nil && (w.Code == 501 || w.Code == 426), fmt.Sprintf("status %d, error %v", w.Code, err)
		}},
	})
}
