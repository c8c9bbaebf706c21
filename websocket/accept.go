package websocket

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/linger"
	"github.com/wirews/wirews/internal/refusal"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// Accept answers the opening handshake that r begins, and takes the connection from
// the HTTP server. w may be wrapped, if it is an
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
// errors.Is tells the rule, such as ws.ErrHandshakeBadOrigin. A client that sends
// frames before it has the response is refused, unless w is wrapped. If a wrapped w
// fails to give the connection away after WriteHeader(101), w has been answered with
// that.
//
// Over HTTP/1.1 the connection outlives the handler, but the context of r does not.
// As long as the handler has not returned, the HTTP server's buffers, about 10 KiB,
// and the request live on.
//
// Over HTTP/2, where the server offers that (see package xconnect), and HTTP/3, the
// connection is a stream of the request (RFC 8441, RFC 9220). It is used in the same
// way, but ends with the handler, which must not return before: writing fails then,
// and so does reading. If w is, or unwraps to, a [StreamHijacker], as that of h3.Handler,
// the connection outlives the handler.
func Accept(w http.ResponseWriter, r *http.Request, opts *AcceptOptions) (*Conn, error) {
	if opts == nil {
		opts = &zeroAcceptConnOptions.AcceptOptions
	}
	a, err := newAcceptor(opts)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return nil, errorf("accept", opts.Counters.refused(err))
	}
	if check := opts.CheckOrigin; check != nil {
		a.origin = func(origin, _ []byte) bool { return check(r, string(origin)) }
	}
	u := ws.HTTPUpgrader{
		ByWriter:    true,
		Origin:      a.origin,
		OnBadOrigin: a.badOrigin,
		Protocols:   opts.Subprotocols,
		Negotiate:   a.negotiate(),
	}
	var conn net.Conn
	var hs ws.Handshake
	if ws.IsExtendedConnect(r) {
		conn, hs, err = acceptStream(&u, w, r)
	} else {
		conn, _, hs, err = u.Upgrade(r, w)
	}
	if err != nil {
		return nil, errorf("accept", opts.Counters.refused(err))
	}
	return a.accepted(r.Context(), conn, hs), nil
}

// AcceptConn answers the opening handshake on a connection that a listener has
// accepted, without an HTTP server and what that needs. conn is closed if the
// handshake fails; the client has been told why then, as by Accept. For it to
// receive that, what it still sends is read before, for at most a second.
func AcceptConn(conn net.Conn, opts *AcceptConnOptions) (*Conn, error) {
	if opts == nil {
		opts = &zeroAcceptConnOptions
	}
	a, err := newAcceptor(&opts.AcceptOptions)
	if err != nil {
		conn.Close()
		return nil, errorf("accept", opts.Counters.refused(err))
	}
	u := ws.Upgrader{
		Timeout:     opts.handshakeTimeout(),
		Limits:      opts.HeadLimits,
		Origin:      a.origin,
		OnBadOrigin: a.badOrigin,
		OnHandshake: discreet(opts.OnHandshake),
		Protocols:   opts.Subprotocols,
		Negotiate:   a.negotiate(),
	}
	if opts.CheckOrigin != nil {
		u.OnHandshake = a.checkOrigin(u.OnHandshake)
	}
	if len(opts.Header) > 0 {
		u.Header = ws.HandshakeHeaderHTTP(opts.Header)
	}
	returned := false
	defer func() {
		if !returned { // a hook has panicked, and nobody knows of conn any more
			conn.Close()
		}
	}()
	hs, err := u.Upgrade(conn)
	returned = true
	if err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			conn.Close()
		} else {
			linger.Close(conn)
		}
		return nil, errorf("accept", headLimit("AcceptConnOptions", opts.Counters.refused(err)))
	}
	return a.accepted(context.Background(), conn, hs), nil
}

// discreet returns a hook whose errors are not shown to the client, unless they say what is.
func discreet(onHandshake func(httpx.Request) error) func(httpx.Request) error {
	if onHandshake == nil {
		return nil
	}
	return func(request httpx.Request) error { return refusal.Told(onHandshake(request)) }
}

// acceptor is one handshake of a server.
type acceptor struct {
	opts      *AcceptOptions
	origin    ws.OriginPolicy    // nil: any
	extension *wsflate.Extension // nil: none is accepted
}

func newAcceptor(opts *AcceptOptions) (a acceptor, err error) {
	a.opts = opts
	switch {
	case opts.CheckOrigin != nil, opts.InsecureSkipVerify:
	case len(opts.OriginPatterns) == 0:
		a.origin = ws.SameOrigin
	default:
		if a.origin, err = ws.AllowOrigins(opts.OriginPatterns...); err != nil {
			return a, err
		}
	}
	if opts.CompressionMode != CompressionDisabled {
		if err := opts.Compression.check(); err != nil {
			return a, err
		}
		a.extension = &wsflate.Extension{
			Parameters: opts.CompressionMode.parameters(opts.Compression),
			Budget:     opts.Compression.budget(),
		}
	}
	return a, nil
}

func (a *acceptor) negotiate() func(httphead.Option) (httphead.Option, error) {
	if a.extension == nil {
		return nil
	}
	return a.extension.Negotiate
}

// accepted makes a connection of a handshake that has succeeded. ctx is for OnOpen.
func (a *acceptor) accepted(ctx context.Context, conn net.Conn, hs ws.Handshake) *Conn {
	var ext wsproto.Extension
	if a.extension != nil {
		if p, ok := a.extension.Accepted(); ok {
			ext = newDeflate(ws.StateServerSide, p, a.opts.CompressionThreshold, a.opts.Compression)
		}
	}
	c := overEarly(conn, ws.StateServerSide, hs.Protocol, ext, a.opts.settings())
	c.opened(ctx, a.opts.OnOpen)
	return c
}
