package ws

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/checkedio"
)

// HandshakeHeaderHTTP is an http.Header as a HandshakeHeader.
type HandshakeHeaderHTTP http.Header

// WriteTo writes the fields of h to w in the order of their names.
func (h HandshakeHeaderHTTP) WriteTo(w io.Writer) (int64, error) {
	var b appender
	if err := http.Header(h).Write(&b); err != nil {
		return 0, err
	}
	n, err := checkedio.Write(w, b)
	return int64(n), err
}

// HTTPUpgrader holds the options of a server's opening handshake inside a
// net/http handler. The zero value accepts every correct handshake from every
// origin: on a server that browsers can reach, set Origin. It is not changed
// by its methods and may be used concurrently if its callbacks may.
type HTTPUpgrader struct {
	// Timeout is how long writing the response may take. Zero: no limit.
	Timeout time.Duration

	// Header is added to the response, whatever it is.
	Header http.Header

	// Origin decides which web pages may connect; see SameOrigin and
	// AllowOrigins. Nil allows all of them.
	Origin OriginPolicy

	// Protocol says whether the server speaks a subprotocol; see Upgrader.
	Protocol func(string) bool

	// Negotiate answers an offered extension; see Upgrader.
	Negotiate func(httphead.Option) (httphead.Option, error)

	// Extension says whether to accept an offered extension as it stands.
	//
	// Deprecated: use Negotiate.
	Extension func(httphead.Option) bool
}

// DefaultHTTPUpgrader is the HTTPUpgrader that UpgradeHTTP uses.
var DefaultHTTPUpgrader HTTPUpgrader

// UpgradeHTTP is DefaultHTTPUpgrader.Upgrade.
func UpgradeHTTP(r *http.Request, w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, Handshake, error) {
	return DefaultHTTPUpgrader.Upgrade(r, w)
}

// Upgrade answers the opening handshake r and takes its connection from the
// HTTP server. The connection has no deadlines and is the caller's to close.
// The bufio.ReadWriter is the server's, with nothing buffered in it; it can be
// left alone.
//
// If the error is not nil, there is nothing left to do or to close: a refusal
// was written to w, or the connection was closed after it had been taken. A
// refusal is a *ConnectionRejectedError; errors.Is tells ErrNotHijacker and
// ErrHandshakeHTTP2, which a request over HTTP/2 gets.
func (u HTTPUpgrader) Upgrade(r *http.Request, w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, Handshake, error) {
	x := exchanges.Get().(*exchange)
	defer x.release()

	response, hs, err := u.decide(x, r)
	if err != nil {
		u.refuse(x, w, err)
		return nil, nil, Handshake{}, err
	}
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		err = rejectCause(ErrNotHijacker, err)
		u.refuse(x, w, err)
		return nil, nil, Handshake{}, err
	}
	if err = u.respond(x, conn, rw, response); err != nil {
		conn.Close()
		return nil, nil, Handshake{}, err
	}
	return conn, rw, hs, nil
}

// decide builds the response before anything is hijacked.
func (u HTTPUpgrader) decide(x *exchange, r *http.Request) (response []byte, hs Handshake, err error) {
	if r.ProtoMajor >= 2 {
		return nil, hs, reject(ErrHandshakeHTTP2, r.Proto)
	}
	rules := Upgrader{Origin: u.Origin, Negotiate: u.Negotiate, Extension: u.Extension}
	if u.Protocol != nil {
		rules.Protocol = func(p []byte) bool { return u.Protocol(string(p)) }
	}
	req := requestOf(r)
	var o offer
	o.read(req.Fields)
	if err = o.check(&req); err != nil {
		return nil, hs, err
	}
	if _, err = rules.decide(x, &hs, &req, &o); err != nil {
		return nil, hs, err
	}
	response, err = appendAcceptance(x, nil, o.key, &hs, HandshakeHeaderHTTP(u.Header))
	return response, hs, err
}

// requestOf shows the rules what they look at in r. net/http has taken Host
// and what announces a body out of the header.
func requestOf(r *http.Request) httpx.Request {
	req := httpx.Request{
		Method:  []byte(r.Method),
		Target:  []byte(r.RequestURI),
		Version: httpx.Version{Major: byte(r.ProtoMajor), Minor: byte(r.ProtoMinor)},
		Fields:  httpx.Fields{{Name: []byte("Host"), Value: []byte(r.Host)}},
	}
	add := func(name string, values ...string) {
		for _, v := range values {
			req.Fields = append(req.Fields, httpx.Field{Name: []byte(name), Value: []byte(v)})
		}
	}
	for _, name := range [...]string{
		"Upgrade", "Connection", "Sec-Websocket-Key", "Sec-Websocket-Version",
		"Sec-Websocket-Protocol", "Sec-Websocket-Extensions", "Origin",
	} {
		add(name, r.Header[name]...)
	}
	add("Transfer-Encoding", r.TransferEncoding...)
	if r.ContentLength != 0 {
		add("Content-Length", strconv.FormatInt(r.ContentLength, 10))
	}
	return req
}

// respond writes the response on the hijacked connection.
func (u HTTPUpgrader) respond(x *exchange, conn net.Conn, rw *bufio.ReadWriter, response []byte) error {
	// The server's deadlines were for the request.
	if err := conn.SetDeadline(time.Time{}); err != nil {
		return err
	}
	if u.Timeout > 0 {
		if err := conn.SetWriteDeadline(time.Now().Add(u.Timeout)); err != nil {
			return noDeadline("HTTPUpgrader", err)
		}
		defer conn.SetWriteDeadline(time.Time{})
	}
	var early error
	if n := rw.Reader.Buffered(); n > 0 {
		b, _ := rw.Reader.Peek(n)
		early = reject(ErrHandshakeEarlyData, b)
		response = appendRejection(x, nil, nil, HandshakeHeaderHTTP(u.Header), early)
	}
	if _, err := checkedio.Write(conn, response); err != nil {
		return err
	}
	return early
}

// refuse answers err through w: the connection stays the server's.
func (u HTTPUpgrader) refuse(x *exchange, w http.ResponseWriter, err error) {
	status, reason, header := rejection(err)
	if _, herr := x.appendHeaders(nil, framingFields, HandshakeHeaderHTTP(u.Header), header); herr != nil {
		status = http.StatusInternalServerError
	}
	h := w.Header()
	h.Del("Content-Length")
	h.Set("Content-Type", plainText)
	if x.lines.Count("Content-Type") > 0 {
		h.Del("Content-Type")
	}
	for _, f := range x.lines {
		h.Add(string(f.Name), string(f.Value))
	}
	h.Set("X-Content-Type-Options", noSniff)
	if errors.Is(err, ErrHandshakeBadBody) {
		// Otherwise net/http would wait for the body before it answers.
		h.Set("Connection", "close")
	}
	w.WriteHeader(status)
	if hasContent(status) {
		io.WriteString(w, reason)
	}
}
