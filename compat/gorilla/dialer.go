package websocket

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Dialer holds the options of a client's opening handshake. The zero value dials
// without a proxy and waits for as long as the context says. Its methods do not
// change it; it may be used concurrently if its functions may. A nil *Dialer is
// what DefaultDialer is at first.
type Dialer struct {
	// NetDial connects, if NetDialContext is nil. Nil: a net.Dialer does.
	NetDial func(network, addr string) (net.Conn, error)

	// NetDialContext connects: to the host, or to the proxy.
	NetDialContext func(ctx context.Context, network, addr string) (net.Conn, error)

	// NetDialTLSContext connects for wss, TLS included, if there is no proxy.
	// TLSClientConfig is not used then.
	NetDialTLSContext func(ctx context.Context, network, addr string) (net.Conn, error)

	// Proxy returns the proxy for a request, whose scheme is http or https; nil:
	// none. Proxies have the schemes http, https, socks5 and socks5h, may have a user
	// and a password, and are asked for a tunnel. An error ends the dialling.
	Proxy func(*http.Request) (*url.URL, error)

	// TLSClientConfig is for wss, and for a proxy of the scheme https. It is not
	// changed. Whatever NextProtos says, HTTP/1.1 is what is spoken.
	TLSClientConfig *tls.Config

	// HandshakeTimeout is how long dialling may take, from connecting to the
	// response. Zero: as long as the context allows.
	HandshakeTimeout time.Duration

	// ReadBufferSize and WriteBufferSize are the sizes of the connection's buffers
	// in bytes, which are no limits for messages. Zero: 4096.
	ReadBufferSize, WriteBufferSize int

	// WriteBufferPool has the buffers of writers, see Conn.NextWriter. Nil: each
	// writer has its own.
	WriteBufferPool BufferPool

	// Subprotocols are the subprotocols to ask for, by preference.
	Subprotocols []string

	// EnableCompression offers to compress messages (RFC 7692). What is sent is
	// compressed separately; what is received may refer to earlier messages, if
	// the server wants that.
	EnableCompression bool

	// Jar has the cookies that are sent, and gets those of the response. Nil: none.
	Jar http.CookieJar
}

// DefaultDialer takes the proxy from the environment, as http.ProxyFromEnvironment
// does, and has 45 seconds for a handshake.
var DefaultDialer = &Dialer{
	Proxy:            http.ProxyFromEnvironment,
	HandshakeTimeout: 45 * time.Second,
}

var nilDialer = *DefaultDialer

// Dial is DialContext without a context.
func (d *Dialer) Dial(urlStr string, requestHeader http.Header) (*Conn, *http.Response, error) {
	return d.DialContext(context.Background(), urlStr, requestHeader)
}

// DialContext connects to a URL, whose scheme is ws or wss, and does the opening
// handshake. ctx bounds all of it, and nothing after it; its httptrace.ClientTrace is
// told of the steps. requestHeader is added to the request: "Host" replaces the URL's,
// and Sec-Websocket-Protocol asks for subprotocols if Subprotocols is empty. Redirects
// are not followed.
//
// The error is ErrBadHandshake if the server has answered with anything but what a
// WebSocket server does; its response is returned then too, with the first 1,024
// bytes of its body. It is a *ws.ProxyError if a proxy does not connect, and ctx's if
// that has ended. The body of a response need not be closed.
func (d *Dialer) DialContext(ctx context.Context, urlStr string, requestHeader http.Header) (*Conn, *http.Response, error) {
	if d == nil {
		d = &nilDialer
	}
	if d.HandshakeTimeout != 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d.HandshakeTimeout)
		defer cancel()
	}
	h := &handshake{Dialer: d}
	if err := h.prepare(ctx, urlStr, requestHeader); err != nil {
		return nil, nil, err
	}
	conn, err := h.connect(ctx)
	if err != nil {
		return nil, nil, withCause(ctx, err)
	}
	c, resp, err := h.exchange(ctx, conn)
	if err != nil {
		conn.Close()
		return nil, resp, err
	}
	return c, resp, nil
}

// NewClient does the opening handshake for u over netConn, which is connected
// already: for wss, it lays TLS over it.
//
// Deprecated: use Dialer.
func NewClient(netConn net.Conn, u *url.URL, requestHeader http.Header, readBufSize, writeBufSize int) (c *Conn, response *http.Response, err error) {
	d := Dialer{
		ReadBufferSize: readBufSize, WriteBufferSize: writeBufSize,
		NetDial: func(string, string) (net.Conn, error) { return netConn, nil },
	}
	return d.Dial(u.String(), requestHeader)
}
