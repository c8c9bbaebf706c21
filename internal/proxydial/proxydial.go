// Package proxydial connects to a host by way of a proxy: one of HTTP, by CONNECT
// (RFC 9110, section 9.3.6), with or without TLS, or one of SOCKS 5 (RFC 1928 and
// 1929). A proxy is never asked to pass on a request: whatever the connection is
// for, it carries it as it is.
package proxydial

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/wirews/wirews/httpx"
)

// Dialer connects by way of a proxy. It is not changed by its methods.
type Dialer struct {
	// Proxy is the proxy. Its scheme is http, https, socks5 or socks5h, its user and
	// password are what it is told. The port may be left out: 80, 443 and 1080.
	Proxy *url.URL

	// Dial connects to the proxy. Nil: that of a net.Dialer.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)

	// TLSConfig is for the connection to a proxy whose scheme is https. An empty
	// ServerName stands for the proxy's host. It is not changed.
	TLSConfig *tls.Config

	// Header returns more fields of the CONNECT request for a target, host and port;
	// one with the name Proxy-Authorization replaces what stands in the URL. Nil:
	// none. An error ends the dialling.
	Header func(ctx context.Context, proxy *url.URL, target string) (httpx.Fields, error)

	// Limits bounds the head of the answer to a CONNECT.
	Limits httpx.Limits
}

// Error says that a proxy could not be used, or has refused.
type Error struct {
	Proxy  string       // the scheme and the host, without a password
	Target string       // the host and the port that were to be reached
	Status int          // of the answer to a CONNECT; 0: there was none
	Reason string       // its reason, or what SOCKS calls it
	Header httpx.Fields // of the answer to a CONNECT
	Err    error        // what went wrong, or nil
}

// Error returns a text with all of that but the header.
func (e *Error) Error() string {
	s := "ws: proxy " + e.Proxy + " does not connect to " + e.Target
	if e.Status != 0 {
		s += ": status " + strconv.Itoa(e.Status)
	}
	if e.Reason != "" {
		s += ": " + strconv.Quote(e.Reason[:min(len(e.Reason), 64)])
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// ErrScheme says that a proxy's URL has a scheme that is none of those known.
var ErrScheme = errors.New("the scheme is not http, https, socks5 or socks5h")

// ports are those that the schemes stand for.
var ports = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}

// DialContext connects to addr, a host and a port. ctx bounds all of it; the
// connection has no deadline afterwards. Names of hosts are resolved by the proxy.
// The error is an *Error, or ctx's if that has ended.
func (d *Dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := d.dial(ctx, network, addr)
	if err == nil {
		return conn, nil
	}
	if ended := ctx.Err(); ended != nil {
		return nil, fmt.Errorf("%w: %w", ended, err)
	}
	if _, ok := errors.AsType[*Error](err); !ok {
		err = d.fault(addr, err)
	}
	return nil, err
}

func (d *Dialer) fault(target string, err error) *Error {
	return &Error{Proxy: d.Proxy.Scheme + "://" + d.Proxy.Host, Target: target, Err: err}
}

func (d *Dialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	port, ok := ports[d.Proxy.Scheme]
	if !ok {
		return nil, ErrScheme
	}
	if p := d.Proxy.Port(); p != "" {
		port = p
	}
	dial := d.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	conn, err := dial(ctx, network, net.JoinHostPort(d.Proxy.Hostname(), port))
	if err != nil {
		return nil, err
	}
	reached := conn
	err = Within(ctx, conn, func() (err error) {
		switch d.Proxy.Scheme {
		case "https":
			secure := tls.Client(conn, d.tlsConfig())
			if err = secure.HandshakeContext(ctx); err == nil {
				reached, err = d.connect(ctx, secure, addr)
			}
		case "http":
			reached, err = d.connect(ctx, conn, addr)
		default:
			err = d.socks(conn, addr)
		}
		return err
	})
	if err != nil {
		conn.Close()
		return nil, err
	}
	return reached, nil
}

func (d *Dialer) tlsConfig() *tls.Config {
	config := d.TLSConfig.Clone() // nil's is nil
	if config == nil {
		config = new(tls.Config)
	}
	if config.ServerName == "" {
		config.ServerName = d.Proxy.Hostname()
	}
	config.NextProtos = []string{"http/1.1"} // CONNECT is spoken in that
	return config
}

// Within calls f, whose I/O on conn ends when ctx does; the error is ctx's then if f
// has none. conn is of no use after that.
func Within(ctx context.Context, conn net.Conn, f func() error) error {
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		if conn.SetDeadline(time.Unix(1, 0)) != nil {
			conn.Close()
		}
	})
	err := f()
	if !stop() {
		<-interrupted
		if err == nil {
			err = ctx.Err()
		}
	}
	return err
}
