package websocket

import (
	"context"
	"net/http"
)

// Dial connects to the URL, whose scheme is ws, wss, http or https, and does
// the opening handshake. ctx bounds all of that, and nothing after it. Names of
// hosts and queries may be in any script, as net/http takes them.
//
// A redirect is followed as the HTTPClient does, without a Referer, but not from
// wss to ws: that is [ErrRedirectUnencrypted]. Proxies are those of the HTTPClient's
// transport; an HTTP proxy is asked for a tunnel, for ws as for wss.
//
// If the server has answered, its response is returned, with the error too. The
// body then has the first 1,024 bytes of what it said within a second, and need
// not be closed.
// The error is a [*ws.ResponseError] if the status was another than 101 (of a
// stream of HTTP/2, than 200), a
// [*ws.RequestError] if the request cannot be sent, ctx's error if that has
// ended; errors.Is tells the rule that the server has broken, such as
// [ws.ErrHandshakeBadSecAccept].
//
// In a web page, the page's own WebSocket connects: see the package documentation. The
// response then has the status 101 and the subprotocol, and an error that options cannot
// be honoured has errors.ErrUnsupported in it. A connection that was not made is a
// [*net.OpError], which does not say why.
func Dial(ctx context.Context, u string, opts *DialOptions) (*Conn, *http.Response, error) {
	if ctx == nil {
		return nil, nil, errorf("dial", errNilContext)
	}
	if opts == nil {
		opts = &DialOptions{}
	}
	c, resp, err := dial(ctx, u, opts)
	if err != nil {
		return nil, resp, errorf("dial", opts.Counters.refused(err))
	}
	return c, resp, nil
}
