package ws

import (
	"context"
	"net"
	"net/url"

	"github.com/wirews/wirews/internal/proxydial"
)

// ProxyError says that a proxy could not be used, or does not connect. It has the
// proxy without its password (Proxy), the host and port that were to be reached
// (Target), the status, the reason and the header of the answer to a CONNECT
// (Status, Reason, Header), and what went wrong otherwise (Err, which it unwraps
// to). Find it with errors.As.
type ProxyError = proxydial.Error

// ErrProxyScheme says that a proxy has another scheme than http, https, socks5 and
// socks5h.
var ErrProxyScheme = proxydial.ErrScheme

// proxyFor asks Proxy. It is shown the scheme that stands for the same in HTTP,
// because that is what whoever knows proxies knows.
func (d *Dialer) proxyFor(u *url.URL) (*url.URL, error) {
	shown := *u
	switch u.Scheme {
	case "ws":
		shown.Scheme = "http"
	case "wss":
		shown.Scheme = "https"
	}
	return d.Proxy(&shown)
}

// through returns what dials by way of a proxy.
func (d *Dialer) through(proxy *url.URL) func(context.Context, string, string) (net.Conn, error) {
	p := proxydial.Dialer{Proxy: proxy, Dial: d.NetDial, Header: d.ProxyHeader, Limits: d.Limits}
	if d.TLSConfig != nil {
		p.TLSConfig = d.TLSConfig.Clone()
		p.TLSConfig.ServerName = "" // it is that of the server
	}
	return p.DialContext
}
