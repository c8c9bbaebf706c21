package connect

import (
	"context"
	"net"
	"net/http"
	"net/url"

	"github.com/wirews/wirews/cmd/internal/overh2"
	"github.com/wirews/wirews/websocket/h2"
	"github.com/wirews/wirews/websocket/h3"
	"github.com/wirews/wirews/ws"
)

// overStream has d connect to the server at u over HTTP/2 or HTTP/3, and returns the URL
// to give to it: the stream is what a connection without TLS is otherwise.
func overStream(d *ws.Dialer, u *url.URL, o Options) *url.URL {
	var transport http.RoundTripper = &h3.Transport{TLSClientConfig: o.TLS}
	if o.HTTP2 {
		transport = overHTTP2(d, o)
	}
	over := &overh2.Dialer{URL: u, Transport: transport}
	d.NetDial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		return over.Dial(ctx, network, addr)
	}
	d.Proxy, d.TLSConfig = nil, nil
	plain := *u
	plain.Scheme = "ws"
	return &plain
}

func overHTTP2(d *ws.Dialer, o Options) *h2.Transport {
	transport := &h2.Transport{Only: true, UnencryptedHTTP2: true, TLSClientConfig: o.TLS}
	if o.Unix != "" {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", o.Unix)
		}
	}
	if find := d.Proxy; find != nil {
		transport.Proxy = func(req *http.Request) (*url.URL, error) { return find(req.URL) }
	}
	return transport
}
