package websocket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/wirews/wirews/internal/messageconn"
	"github.com/wirews/wirews/ws"
)

// dial is Dial by way of the WebSocket of the page that the program runs in, or of
// Node.
func dial(ctx context.Context, target string, opts *DialOptions) (*Conn, *http.Response, error) {
	if err := opts.checkPage(); err != nil {
		return nil, nil, Permanent(err)
	}
	u, err := pageURL(target, opts)
	if err != nil {
		return nil, nil, Permanent(err)
	}
	if client := opts.HTTPClient; client != nil && client.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, client.Timeout)
		defer cancel()
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	s, err := newPageSocket(u.String(), opts.Subprotocols)
	if err != nil {
		return nil, nil, Permanent(err)
	}
	conn := messageconn.New(s, unknownAddr{}, pageAddr(u.Host))
	opened := make(chan bool, 1)
	s.listen(conn, opened)
	select {
	case ok := <-opened:
		if !ok {
			conn.Close()
			return nil, nil, s.notConnected(conn.RemoteAddr())
		}
	case <-ctx.Done():
		conn.Close()
		return nil, nil, ctx.Err()
	}
	subprotocol := s.object.Get("protocol").String()
	c := newConn(conn, ws.StateClientSide, subprotocol, nil, opts.settings())
	c.opened(ctx, opts.OnOpen)
	return c, pageResponse(subprotocol), nil
}

// pageURL returns the URL as every browser takes it. What cannot be sent is the same
// error as on other platforms.
func pageURL(target string, opts *DialOptions) (*url.URL, error) {
	u, err := ws.ParseURL(target)
	if err != nil {
		return nil, err
	}
	same := ws.ClientHandshake{Dialer: &ws.Dialer{Protocols: opts.Subprotocols}}
	if _, err := same.AppendRequest(nil, u); err != nil {
		return nil, err
	}
	switch u.Scheme {
	case "http":
		u.Scheme = "ws"
	case "https":
		u.Scheme = "wss"
	}
	return u, nil
}

// pageAddr is the host of a URL as an address.
type pageAddr string

func (pageAddr) Network() string  { return "websocket" }
func (a pageAddr) String() string { return string(a) }

// checkPage says which option asks for what a page cannot do. What would change
// nothing but how fast things are is ignored.
func (o *DialOptions) checkPage() error {
	client := o.HTTPClient
	switch {
	case client != nil && (client.Transport != nil || client.Jar != nil || client.CheckRedirect != nil):
		return unsupported("HTTPClient", "only its Timeout is used")
	case len(o.HTTPHeader) > 0:
		return unsupported("HTTPHeader", "send a token as a cookie, in the URL, as a subprotocol or in the first message")
	case o.Host != "":
		return unsupported("Host", "the URL says which it is")
	case o.KeepAlive != KeepAlive{}:
		return unsupported("KeepAlive", "a page cannot ping; have the server do it, and set ReadTimeout if the server sends messages regularly")
	case o.OnPingReceived != nil, o.OnPongReceived != nil:
		return unsupported("OnPingReceived and OnPongReceived", "a page does not see them")
	case o.StallTimeout != 0:
		return unsupported("StallTimeout", "a page sends a message as a whole; WriteTimeout can be set")
	}
	return nil
}

func unsupported(option, instead string) error {
	return fmt.Errorf("DialOptions.%s cannot be set in a web page: %s: %w", option, instead, errors.ErrUnsupported)
}

var errPageHides = errors.New("not connected; a page is not told why, but its console is")

// notConnected is the error for a connection that was not made.
func (s *pageSocket) notConnected(remote net.Addr) error {
	err := errPageHides
	if s.words != "" {
		err = errors.New(s.words)
	}
	return &net.OpError{Op: "dial", Net: remote.Network(), Addr: remote, Err: err}
}

// pageResponse is the response as far as a page is told it.
func pageResponse(subprotocol string) *http.Response {
	header := make(http.Header)
	if subprotocol != "" {
		header.Set("Sec-WebSocket-Protocol", subprotocol)
	}
	return &http.Response{
		Status: "101 Switching Protocols", StatusCode: http.StatusSwitchingProtocols,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: http.NoBody,
	}
}
