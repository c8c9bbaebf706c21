//go:build !js

package websocket

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/proxydial"
	"github.com/wirews/wirews/ws"
)

// tunnel is an http.Transport that reaches every host by way of a proxy through a
// tunnel, and whose error is a *ws.ProxyError if the proxy refuses. By itself it
// uses tunnels for https only, and its error is a text: an HTTP proxy is sent
// requests for http as it would answer them itself, with the whole URL as their
// target, and few proxies pass an upgrade on.
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
	proxy, err := t.Proxy(req)
	if err != nil || proxy == nil || proxy.Scheme != "http" && proxy.Scheme != "https" {
		return t.Transport.RoundTrip(req) // which uses tunnels for SOCKS
	}
	once := t.Clone()
	once.MaxIdleConnsPerHost = -1 // nobody would ever use what it keeps
	if req.URL.Scheme == "http" {
		once.Proxy, once.DialContext = nil, t.dialer(proxy).DialContext
	} else {
		once.OnProxyConnectResponse = t.answered
	}
	return once.RoundTrip(req)
}

// answered looks at a proxy's answer to a CONNECT.
func (t tunnel) answered(ctx context.Context, proxy *url.URL, req *http.Request, resp *http.Response) error {
	if t.OnProxyConnectResponse != nil {
		if err := t.OnProxyConnectResponse(ctx, proxy, req, resp); err != nil {
			return err
		}
	}
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	_, reason, _ := strings.Cut(resp.Status, " ")
	return &ws.ProxyError{
		Proxy: proxy.Scheme + "://" + proxy.Host, Target: req.Host,
		Status: resp.StatusCode, Reason: reason, Header: fieldsOf(resp.Header),
	}
}

// dialer returns what dials by way of proxy, as the transport would.
func (t tunnel) dialer(proxy *url.URL) *proxydial.Dialer {
	d := &proxydial.Dialer{Proxy: proxy, Dial: t.DialContext, TLSConfig: t.TLSClientConfig.Clone()}
	if d.TLSConfig != nil {
		d.TLSConfig.ServerName = "" // it is that of the server
	}
	d.Header = func(ctx context.Context, proxy *url.URL, target string) (_ httpx.Fields, err error) {
		header := t.ProxyConnectHeader
		if t.GetProxyConnectHeader != nil {
			if header, err = t.GetProxyConnectHeader(ctx, proxy, target); err != nil {
				return nil, err
			}
		}
		return fieldsOf(header), nil
	}
	return d
}

func fieldsOf(header http.Header) (fields httpx.Fields) {
	for name, values := range header {
		for _, v := range values {
			fields = append(fields, httpx.Field{Name: []byte(name), Value: []byte(v)})
		}
	}
	return fields
}
