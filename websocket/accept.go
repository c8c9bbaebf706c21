package websocket

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/linger"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// Accept answers the opening handshake that r begins, over HTTP/1.1, and takes
// the connection from the HTTP server. w may be wrapped, if it is an
// http.Hijacker or has a method Unwrap as http.ResponseController wants it. What
// is in w's header is sent with the response, except for fields that belong to the
// handshake or to a body, such as Connection and Content-Length. The response is
// written by w.WriteHeader(101) before the connection is taken, so that what is
// wrapped around the server's own writer sees the status. If nothing is, or a
// middleware compresses, or the server is not net/http's, it is written to the
// connection instead.
//
// By default it refuses requests of web pages from other hosts. If the error is
// not nil, w has been answered. A refusal is a *ws.ConnectionRejectedError, and
// errors.Is tells the rule, such as ws.ErrHandshakeBadOrigin. HTTP/2 is refused,
// and so is a client that sends frames before it has the response, unless w is
// wrapped. If a wrapped w fails to give the connection away after
// WriteHeader(101), w has been answered with that.
//
// The connection outlives the handler, but the context of r does not. As long as
// the handler has not returned, the HTTP server's buffers, about 10 KiB, and the
// request live on.
func Accept(w http.ResponseWriter, r *http.Request, opts *AcceptOptions) (*Conn, error) {
	a, err := newAcceptor(opts)
	if err == nil {
		err = a.checkOrigin(r.Header["Origin"], r.Host)
	}
	if err != nil {
		refuse(w, err)
		return nil, errorf("accept", err)
	}
	protocol := a.choose(func(yield func(string)) {
		for _, line := range r.Header["Sec-Websocket-Protocol"] {
			yield(line)
		}
	})
	u := ws.HTTPUpgrader{
		ByWriter:  true,
		Timeout:   max(a.opts.HandshakeTimeout, 0),
		Origin:    a.origin,
		Protocol:  func(p string) bool { return p == protocol && protocol != "" },
		Negotiate: a.negotiate,
	}
	conn, _, hs, err := u.Upgrade(r, w)
	if err != nil {
		return nil, errorf("accept", err)
	}
	return a.accepted(conn, hs), nil
}

// AcceptConn answers the opening handshake on a connection that a listener has
// accepted, without an HTTP server and what that needs. conn is closed if the
// handshake fails; the client has been told why then, as by Accept. For it to
// receive that, what it still sends is read before, for at most a second.
func AcceptConn(conn net.Conn, opts *AcceptOptions) (*Conn, error) {
	a, err := newAcceptor(opts)
	if err != nil {
		conn.Close()
		return nil, errorf("accept", err)
	}
	var protocol string
	u := ws.Upgrader{
		Timeout: a.opts.handshakeTimeout(),
		Limits:  a.opts.HeadLimits,
		OnHandshake: func(req httpx.Request) error {
			protocol = a.choose(func(yield func(string)) {
				for v := range req.Fields.Values("Sec-Websocket-Protocol") {
					yield(string(v))
				}
			})
			var origins []string
			for v := range req.Fields.Values("Origin") {
				origins = append(origins, string(v))
			}
			if err := a.checkOrigin(origins, string(req.Host())); err != nil {
				return err
			}
			if a.opts.OnHandshake != nil {
				return a.opts.OnHandshake(req)
			}
			return nil
		},
		Protocol:  func(p []byte) bool { return string(p) == protocol && protocol != "" },
		Negotiate: a.negotiate,
	}
	if len(a.opts.Header) > 0 {
		u.Header = ws.HandshakeHeaderHTTP(a.opts.Header)
	}
	hs, err := u.Upgrade(conn)
	if err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			conn.Close()
		} else {
			linger.Close(conn)
		}
		return nil, errorf("accept", headLimit("AcceptOptions", err))
	}
	return a.accepted(conn, hs), nil
}

// handshakeTimeout is what a zero AcceptOptions.HandshakeTimeout stands for.
const handshakeTimeout = 10 * time.Second

func (o *AcceptOptions) handshakeTimeout() time.Duration {
	if o.HandshakeTimeout == 0 {
		return handshakeTimeout
	}
	return max(o.HandshakeTimeout, 0)
}

// acceptor is one handshake of a server.
type acceptor struct {
	opts      *AcceptOptions
	origin    ws.OriginPolicy // nil: any
	extension wsflate.Extension
	negotiate func(httphead.Option) (httphead.Option, error)
}

func newAcceptor(opts *AcceptOptions) (*acceptor, error) {
	if opts == nil {
		opts = &zeroAcceptOptions
	}
	a := &acceptor{opts: opts}
	switch {
	case opts.InsecureSkipVerify:
	case len(opts.OriginPatterns) == 0:
		a.origin = ws.SameOrigin
	default:
		var err error
		if a.origin, err = ws.AllowOrigins(opts.OriginPatterns...); err != nil {
			return nil, err
		}
	}
	if opts.CompressionMode != CompressionDisabled {
		if err := opts.Compression.check(); err != nil {
			return nil, err
		}
		a.extension.Parameters = opts.CompressionMode.parameters(opts.Compression)
		a.extension.Budget = opts.Compression.budget()
		a.negotiate = a.extension.Negotiate
	}
	return a, nil
}

var zeroAcceptOptions AcceptOptions

// accepted makes a connection of a handshake that has succeeded.
func (a *acceptor) accepted(conn net.Conn, hs ws.Handshake) *Conn {
	var ext wsproto.Extension
	if p, ok := a.extension.Accepted(); ok {
		ext = newDeflate(ws.StateServerSide, p, a.opts.CompressionThreshold, a.opts.Compression)
	}
	return newConn(conn, ws.StateServerSide, hs.Protocol, ext, a.opts.settings())
}

// choose returns the first subprotocol of ours that the client has offered in
// one of its lines, spelt as the client does.
func (a *acceptor) choose(lines func(yield func(string))) (chosen string) {
	if len(a.opts.Subprotocols) == 0 {
		return ""
	}
	var offered []string
	lines(func(line string) {
		for p := range strings.SplitSeq(line, ",") {
			offered = append(offered, strings.Trim(p, " \t"))
		}
	})
	for _, ours := range a.opts.Subprotocols {
		for _, theirs := range offered {
			if strings.EqualFold(ours, theirs) {
				return theirs
			}
		}
	}
	return ""
}

// checkOrigin refuses a web page from elsewhere, and says what would let it in.
// A page has one origin.
func (a *acceptor) checkOrigin(origins []string, host string) error {
	if a.origin == nil || len(origins) == 0 || len(origins) == 1 && a.origin([]byte(origins[0]), []byte(host)) {
		return nil
	}
	return &ws.ConnectionRejectedError{
		Status: http.StatusForbidden,
		Reason: fmt.Sprintf("websocket: pages from origin %.100q may not connect to host %.100q; AcceptOptions.OriginPatterns can allow it", strings.Join(origins, ", "), host),
		Err:    ws.ErrHandshakeBadOrigin,
	}
}

// refuse answers what was found before package ws had a look at the request.
func refuse(w http.ResponseWriter, err error) {
	status, text := http.StatusInternalServerError, http.StatusText(http.StatusInternalServerError)
	if r, ok := err.(*ws.ConnectionRejectedError); ok {
		status, text = r.Status, r.Reason
	}
	http.Error(w, text, status)
}
