package ws

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/url"
	"time"

	"github.com/gobwas/httphead"
	"github.com/gobwas/pool/pbufio"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/earlyconn"
)

// Initial sizes in bytes of the buffers that a Dialer takes from its pool.
const (
	DefaultClientReadBufferSize  = 4096
	DefaultClientWriteBufferSize = 4096
)

// Dialer holds the options of a client's opening handshake (RFC 6455, section
// 4.1). The zero value dials without subprotocols and extensions, and waits
// as long as the context says. Its methods do not change it; it may be used
// concurrently if its callbacks may.
type Dialer struct {
	// ReadBufferSize and WriteBufferSize are the initial sizes in bytes of
	// the buffers for the response and the request. Zero stands for the
	// defaults. They grow as needed, the former within Limits.
	ReadBufferSize, WriteBufferSize int

	// Limits bounds the response head. Zero fields stand for the defaults of
	// package httpx.
	Limits httpx.Limits

	// Timeout is how long Dial may take: connecting, TLS and the handshake
	// together. Zero: as long as the context allows.
	Timeout time.Duration

	// Protocols are the subprotocols to ask for, in order of preference.
	Protocols []string

	// Extensions are the extensions to offer, in order of preference.
	Extensions []httphead.Option

	// Header is added to the request. "Host" replaces the URL's host; the
	// fields that belong to the handshake itself cannot be set.
	Header HandshakeHeader

	// Host is the value of the request's Host field. Empty: the one in
	// Header, or the URL's.
	Host string

	// OnStatusError is called when the response has another status than 101,
	// with a reader of the whole response as it came, from its status line
	// on. The reader is valid until the callback returns, and ends after ten
	// seconds: many servers keep the connection open after their response.
	OnStatusError func(status int, reason []byte, resp io.Reader)

	// OnHeader is shown each field of a correct response that is no part of
	// the handshake, the key in canonical form. The slices are valid until it
	// returns; an error ends the handshake.
	OnHeader func(key, value []byte) error

	// NetDial connects; nil stands for net.Dialer's DialContext. It may
	// connect to anything, such as a unix socket.
	NetDial func(ctx context.Context, network, addr string) (net.Conn, error)

	// NetDialTLS connects for wss and https, TLS included: no further TLS is
	// laid over its connection. Nil: NetDial, and TLS on top.
	NetDialTLS func(ctx context.Context, network, addr string) (net.Conn, error)

	// Proxy returns the proxy for a URL, whose scheme is http or https for ws and
	// wss; nil: none. Proxies have the schemes http, https, socks5 and socks5h, and
	// are asked for a tunnel: an HTTP proxy by CONNECT, whatever the URL. Names of
	// hosts are left to them to resolve. NetDial connects to the proxy, and
	// NetDialTLS is not used. See ProxyFromEnvironment.
	Proxy func(u *url.URL) (*url.URL, error)

	// ProxyHeader returns more fields of the CONNECT request to a proxy; target is
	// host and port of what is dialled. User and password in the proxy's URL are
	// sent as Basic authentication, unless the fields have Proxy-Authorization.
	ProxyHeader func(ctx context.Context, proxy *url.URL, target string) (httpx.Fields, error)

	// TLSClient lays TLS over a connection; nil stands for tls.Client with
	// TLSConfig.
	TLSClient func(conn net.Conn, hostname string) net.Conn

	// TLSConfig is used if TLSClient is nil. An empty ServerName stands for
	// the URL's host, and empty NextProtos for "http/1.1": a server that
	// answered in HTTP/2 would not be understood. It is not changed.
	TLSConfig *tls.Config

	// WrapConn, if set, may put something between the handshake and the
	// connection, above TLS. It is not called if connecting failed.
	WrapConn func(conn net.Conn) net.Conn
}

// DefaultDialer is the Dialer that Dial uses.
var DefaultDialer Dialer

// Dial is DefaultDialer.Dial.
func Dial(ctx context.Context, urlstr string) (net.Conn, *bufio.Reader, Handshake, error) {
	return DefaultDialer.Dial(ctx, urlstr)
}

// Dial connects to the URL, whose scheme is ws, wss, http or https, and does
// the opening handshake. ctx and Timeout bound all of it; afterwards the
// connection has no deadline. Userinfo in the URL is sent as Basic
// authentication. Host names are not translated to ASCII.
//
// What the server has sent right after its response is yielded by conn
// before anything else is read from the network: conn is the dialled
// connection itself if there was nothing, otherwise a wrapper around it. The
// *bufio.Reader is always nil.
//
// The hooks of an httptrace.ClientTrace in ctx are called as net/http does it, except
// those about idle connections, 100 (Continue) and single fields: when and where it
// connects, by net.Dialer, what TLS agrees on, when the request has left and the
// response begins.
//
// If the error is not nil, conn is nil and closed. The error is a
// [*ResponseError] if the server answered with another status than 101, with what
// came of its content within a second, a
// [*RequestError] if the request cannot be sent, a [*ProxyError] if a proxy does not
// connect, the context's error if that has ended; errors.Is tells the rule that the server broke, such as
// [ErrHandshakeBadSecAccept].
func (d Dialer) Dial(ctx context.Context, urlstr string) (net.Conn, *bufio.Reader, Handshake, error) {
	u, err := ParseURL(urlstr)
	if err != nil {
		return nil, nil, Handshake{}, err
	}
	c := ClientHandshake{Dialer: &d}
	request, err := c.request(u)
	if err != nil {
		return nil, nil, Handshake{}, err
	}
	if d.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d.Timeout)
		defer cancel()
	}
	conn, err := d.connect(ctx, u)
	if err != nil {
		return nil, nil, Handshake{}, err
	}
	var hs Handshake
	var left []byte
	over := traced(ctx, conn)
	err = withContext(ctx, conn, func() (err error) {
		left, hs, err = c.exchange(over, request)
		return err
	})
	if err != nil {
		conn.Close()
		return nil, nil, Handshake{}, err
	}
	if len(left) > 0 {
		conn = earlyconn.Wrap(conn, left)
	}
	return conn, nil, hs, nil
}

// Upgrade does the opening handshake for u over conn, which is connected
// already; deadlines are the caller's. The beginning of a refusal's content is
// waited for as Dial does, and conn is of no use afterwards. br is nil, or holds what the server has
// sent right after its response, in front of what conn yields: from then on
// it is to be read instead of conn. [PutReader] takes it back.
func (d Dialer) Upgrade(conn io.ReadWriter, u *url.URL) (br *bufio.Reader, hs Handshake, err error) {
	c := ClientHandshake{Dialer: &d}
	request, err := c.request(u)
	if err != nil {
		return nil, hs, err
	}
	left, hs, err := c.exchange(conn, request)
	if err != nil || len(left) == 0 {
		return nil, hs, err
	}
	br = pbufio.GetReader(io.MultiReader(bytes.NewReader(left), checkedio.Reader{R: conn}), max(len(left), DefaultClientReadBufferSize))
	br.Peek(len(left))
	return br, hs, nil
}

// PutReader gives a reader that [Dialer.Upgrade] has returned back to its pool.
func PutReader(br *bufio.Reader) {
	if br != nil {
		pbufio.PutReader(br)
	}
}

// request builds the request before anything is connected or sent.
func (c *ClientHandshake) request(u *url.URL) ([]byte, error) {
	d := c.dialer()
	return c.AppendRequest(sized(nil, d.WriteBufferSize, DefaultClientWriteBufferSize), u)
}

// exchange sends the request and reads the response. left is what came after
// it, in memory of its own.
func (c *ClientHandshake) exchange(conn io.ReadWriter, request []byte) (left []byte, hs Handshake, err error) {
	d := c.dialer()
	x := exchanges.Get().(*exchange)
	defer x.release()
	x.in.reset(d.ReadBufferSize, DefaultClientReadBufferSize)

	if _, err = checkedio.Write(conn, request); err != nil {
		return nil, hs, err
	}
	for {
		if err = x.in.readFrom(conn); err != nil {
			return nil, hs, err
		}
		var n int
		hs, n, err = c.Next(x.in.b)
		if err == ErrShort {
			continue
		}
		if err != nil {
			return nil, Handshake{}, d.explain(err, x.in.b[c.start:], n-c.start, conn)
		}
		return append([]byte(nil), x.in.b[n:]...), hs, nil
	}
}

// explain shows a refusal to OnStatusError and completes its error. b begins
// with the refusal, whose head has that size.
func (d *Dialer) explain(err error, b []byte, head int, conn io.Reader) error {
	refusal, ok := errors.AsType[*ResponseError](err)
	if !ok {
		return err
	}
	timeout := bodyTimeout
	if d.OnStatusError != nil {
		timeout = callbackTimeout
	}
	late := time.AfterFunc(timeout, func() { interrupt(conn) })
	defer late.Stop()
	if d.OnStatusError == nil {
		refusal.readBody(io.MultiReader(bytes.NewReader(b[head:]), checkedio.Reader{R: conn}))
		return err
	}
	whole := io.MultiReader(bytes.NewReader(b), checkedio.Reader{R: conn})
	d.OnStatusError(refusal.Status, []byte(refusal.Reason), whole)
	return err
}

// How long the content of a refusal is waited for: its beginning, and what
// Dialer.OnStatusError reads. A server need not end it.
const (
	bodyTimeout     = time.Second
	callbackTimeout = 10 * time.Second
)

// interrupt ends reading from conn, which has nothing else to do: by a deadline,
// or by closing what knows none.
func interrupt(conn io.Reader) {
	if d, ok := conn.(interface{ SetReadDeadline(time.Time) error }); ok && d.SetReadDeadline(longAgo) == nil {
		return
	}
	if c, ok := conn.(io.Closer); ok {
		c.Close()
	}
}
