//go:build !js

package websocket

import (
	"context"
	"net/http"
	"net/url"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/proxydial"
)

// tunnel is an http.Transport that reaches every host by way of a proxy through a
// tunnel. By itself it does so for https only: an HTTP proxy is sent requests for
// http as it would answer them itself, with the whole URL as their target, and few
// proxies pass an upgrade on.
type tunnel struct{ *http.Transport }

// throughTunnels returns a transport that does what t does, and uses tunnels. Those
// that are not of net/http are left as they are; nil stands for
// http.DefaultTransport.
func throughTunnels(t http.RoundTripper) http.RoundTripper {
	if t == nil {
		t = http.DefaultTransport
	}
	if h, ok := t.(*http.Transport); ok && h.Proxy != nil {
		return tunnel{h}
	}
	return t
}

func (t tunnel) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "http" {
		return t.Transport.RoundTrip(req)
	}
	proxy, err := t.Proxy(req)
	if err != nil || proxy == nil || proxy.Scheme != "http" && proxy.Scheme != "https" {
		return t.Transport.RoundTrip(req) // which uses tunnels for SOCKS
	}
	once := t.Clone()
	once.Proxy, once.DialContext = nil, t.dialer(proxy).DialContext
	once.MaxIdleConnsPerHost = -1 // nobody would ever use what it keeps
	return once.RoundTrip(req)
}

// dialer returns what dials by way of proxy, as the transport would.
func (t tunnel) dialer(proxy *url.URL) *proxydial.Dialer {
	d := &proxydial.Dialer{Proxy: proxy, Dial: t.DialContext, TLSConfig: t.TLSClientConfig.Clone()}
	if d.TLSConfig != nil {
		d.TLSConfig.ServerName = "" // it is that of the server
	}
	d.Header = func(ctx context.Context, proxy *url.URL, target string) (fields httpx.Fields, err error) {
		header := t.ProxyConnectHeader
		if t.GetProxyConnectHeader != nil {
			if header, err = t.GetProxyConnectHeader(ctx, proxy, target); err != nil {
				return nil, err
			}
		}
		for name, values := range header {
			for _, v := range values {
				fields = append(fields, httpx.Field{Name: []byte(name), Value: []byte(v)})
			}
		}
		return fields, nil
	}
	return d
}
