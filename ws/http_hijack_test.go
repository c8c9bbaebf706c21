package ws_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

func TestHTTPUpgraderClearsTheServersDeadlines(t *testing.T) {
	for name, u := range map[string]ws.HTTPUpgrader{"without Timeout": {}, "with Timeout": {Timeout: time.Hour}} {
		var conn deadlineConn
		w := &hijackable{conn: &conn, rw: bufio.NewReadWriter(bufio.NewReader(&conn), bufio.NewWriter(&conn))}
		if _, _, _, err := u.Upgrade(goodHTTP(), w); err != nil {
			t.Fatal(err)
		}
		if !conn.read.IsZero() || !conn.write.IsZero() || conn.set == 0 {
			t.Errorf("%s: deadlines %v, %v", name, conn.read, conn.write)
		}
	}
}

// deadlineConn knows its deadlines.
type deadlineConn struct {
	wstest.Conn
	read, write time.Time
	set         int
	setErr      error
}

func (c *deadlineConn) SetDeadline(t time.Time) error {
	c.read, c.write = t, t
	c.set++
	return c.setErr
}

func (c *deadlineConn) SetReadDeadline(t time.Time) error { c.read = t; return nil }

func (c *deadlineConn) SetWriteDeadline(t time.Time) error { c.write = t; return nil }

func goodHTTP() *http.Request {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(good.Bytes())))
	if err != nil {
		panic(err)
	}
	return r
}

// hijackable is a ResponseWriter that gives conn away, or fails to.
type hijackable struct {
	httptest.ResponseRecorder
	conn net.Conn
	rw   *bufio.ReadWriter
	err  error
}

func (h *hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if h.err != nil {
		return nil, nil, h.err
	}
	return h.conn, h.rw, nil
}

// wrapper is what middleware puts around a ResponseWriter.
type wrapper struct{ http.ResponseWriter }

func (w wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestHTTPUpgraderFindsTheHijackerBehindUnwrap(t *testing.T) {
	conn := wstest.NewConn()
	w := &hijackable{conn: conn, rw: bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))}
	got, _, _, err := ws.UpgradeHTTP(goodHTTP(), wrapper{wrapper{w}})
	if err != nil || got != net.Conn(conn) || string(conn.Written) != goodResponse {
		t.Errorf("got %v, %v, %q", got, err, conn.Written)
	}
}

func TestHTTPUpgraderWithoutHijacker(t *testing.T) {
	for name, c := range map[string]struct {
		w     func(*httptest.ResponseRecorder) http.ResponseWriter
		cause error
	}{
		"no Hijacker":       {func(r *httptest.ResponseRecorder) http.ResponseWriter { return r }, http.ErrNotSupported},
		"wrapped, none":     {func(r *httptest.ResponseRecorder) http.ResponseWriter { return wrapper{r} }, http.ErrNotSupported},
		"failing Hijack":    {func(r *httptest.ResponseRecorder) http.ResponseWriter { return failingHijack{r} }, io.ErrClosedPipe},
		"wrapper of failed": {func(r *httptest.ResponseRecorder) http.ResponseWriter { return wrapper{failingHijack{r}} }, io.ErrClosedPipe},
	} {
		t.Run(name, func(t *testing.T) {
			rec := httptest.NewRecorder()
			conn, rw, _, err := ws.UpgradeHTTP(goodHTTP(), c.w(rec))
			if conn != nil || rw != nil || !errors.Is(err, ws.ErrNotHijacker) || !errors.Is(err, c.cause) {
				t.Errorf("got %v, %v", conn, err)
			}
			if rec.Code != 500 || rec.Body.Len() == 0 {
				t.Errorf("got %d %q", rec.Code, rec.Body)
			}
		})
	}
}

type failingHijack struct{ http.ResponseWriter }

func (failingHijack) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, io.ErrClosedPipe }

// After the hijack there is nobody else to close the connection.
func TestHTTPUpgraderClosesWhatItCannotGiveAway(t *testing.T) {
	early := append([]byte{0x81, 0x80}, "mask"...)
	for name, c := range map[string]struct {
		conn   *deadlineConn
		early  bool
		want   error
		status int
	}{
		"failing write":       {conn: &deadlineConn{Conn: wstest.Conn{WriteErr: io.ErrClosedPipe}}, want: io.ErrClosedPipe},
		"failing SetDeadline": {conn: &deadlineConn{setErr: io.ErrClosedPipe}, want: io.ErrClosedPipe},
		"W15: early bytes":    {conn: &deadlineConn{}, early: true, want: ws.ErrHandshakeEarlyData, status: 400},
	} {
		t.Run(name, func(t *testing.T) {
			br := bufio.NewReader(c.conn)
			if c.early {
				c.conn.Pieces = [][]byte{early}
				br.Peek(1)
			}
			w := &hijackable{conn: c.conn, rw: bufio.NewReadWriter(br, bufio.NewWriter(c.conn))}
			conn, rw, _, err := ws.UpgradeHTTP(goodHTTP(), w)
			if conn != nil || rw != nil || !errors.Is(err, c.want) || c.conn.Closed != 1 {
				t.Errorf("got %v, %v, closed %d times", conn, err, c.conn.Closed)
			}
			if c.status > 0 {
				wantRefusal(t, c.conn.Written, c.status)
			}
		})
	}
}

// Closing while more is to be read would destroy the refusal on its way (RFC
// 9112, 9.6).
func TestHTTPUpgraderReadsOnAfterEarlyBytes(t *testing.T) {
	conn := &deadlineConn{Conn: wstest.Conn{Pieces: [][]byte{{0x81, 0x80, 1, 2, 3, 4}, make([]byte, 3000), make([]byte, 3000)}}}
	w := newHijackable(conn)
	w.rw.Reader.Peek(1)
	_, _, _, err := ws.UpgradeHTTP(goodHTTP(), w)
	if !errors.Is(err, ws.ErrHandshakeEarlyData) || conn.Closed != 1 {
		t.Errorf("got %v, closed %d times", err, conn.Closed)
	}
	if n, err := conn.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("something was left unread: %d, %v", n, err)
	}
}
