package h2

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"

	"golang.org/x/net/http/httpguts"

	"github.com/wirews/wirews/internal/proxydial"
)

// place returns where a request is to be sent.
func (t *Transport) place(req *http.Request) (p place, proxy *url.URL, err error) {
	if req.URL == nil {
		return p, nil, errors.New("h2: a request without URL")
	}
	port := map[string]string{"http": "80", "https": "443"}[req.URL.Scheme]
	host, hostErr := httpguts.PunycodeHostPort(req.URL.Hostname())
	if port == "" || host == "" || hostErr != nil {
		return p, nil, fmt.Errorf("h2: cannot connect to scheme %.20q and host %.64q", req.URL.Scheme, req.URL.Host)
	}
	if own := req.URL.Port(); own != "" {
		port = own
	}
	p = place{scheme: req.URL.Scheme, addr: net.JoinHostPort(host, port)}
	if t.Proxy != nil {
		if proxy, err = t.Proxy(req); err != nil {
			return p, nil, err
		}
	}
	if proxy != nil {
		p.proxy = proxy.String()
	}
	return p, proxy, nil
}

// connect makes a connection, and waits for the SETTINGS of the server. If ctx was
// canceled, because nobody waits any more, its error is that of ctx, whatever DialContext
// calls it: whoever begins to wait meanwhile tries again.
func (t *Transport) connect(ctx context.Context, p place, proxy *url.URL) (*conn, error) {
	c, err := t.establish(ctx, p, proxy)
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return nil, ctx.Err()
	}
	return c, err
}

func (t *Transport) establish(ctx context.Context, p place, proxy *url.URL) (*conn, error) {
	nc, err := t.dialTCP(ctx, proxy, p.addr)
	if err != nil {
		return nil, err
	}
	if p.scheme == "https" {
		if nc, err = t.encrypt(ctx, nc, p); err != nil {
			return nil, err
		}
	}
	c := newConn(nc, t.settings(), func(c *conn) { t.pool.Forget(p, c) })
	if err := c.settle(ctx.Done()); err != nil {
		if lost, ok := errors.AsType[*ConnError](err); ok && p.scheme == "http" && !lost.ByServer && !c.settled() {
			// A server that does not know HTTP/2 says something else, or hangs up.
			return nil, fmt.Errorf("%w: %w", ErrNotOffered, err)
		}
		return nil, err
	}
	return c, nil
}

// settled reports whether the server has sent its SETTINGS.
func (c *conn) settled() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.server.received
}

// encrypt begins TLS, and ends nc if the server does not take HTTP/2.
func (t *Transport) encrypt(ctx context.Context, nc net.Conn, p place) (net.Conn, error) {
	config := t.tlsConfig(p)
	if config.NextProtos = []string{"h2"}; !t.Only {
		config.NextProtos = append(config.NextProtos, "http/1.1")
	}
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil && trace.TLSHandshakeStart != nil {
		trace.TLSHandshakeStart()
	}
	conn := tls.Client(nc, config)
	err := conn.HandshakeContext(ctx)
	if trace != nil && trace.TLSHandshakeDone != nil {
		trace.TLSHandshakeDone(conn.ConnectionState(), err)
	}
	if err != nil {
		nc.Close()
		return nil, err
	}
	if conn.ConnectionState().NegotiatedProtocol != "h2" {
		conn.Close()
		return nil, ErrNotOffered
	}
	return conn, nil
}

// tlsConfig returns a copy of that of t, for a server.
func (t *Transport) tlsConfig(p place) *tls.Config {
	config := t.TLSClientConfig.Clone()
	if config == nil {
		config = &tls.Config{}
	}
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(p.addr)
	}
	return config
}

// dialTCP connects to addr, by way of the proxy if there is one.
func (t *Transport) dialTCP(ctx context.Context, proxy *url.URL, addr string) (net.Conn, error) {
	dial := t.DialContext
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	if proxy == nil {
		return dial(ctx, "tcp", addr)
	}
	d := &proxydial.Dialer{Proxy: proxy, Dial: dial, TLSConfig: t.TLSClientConfig.Clone()}
	if d.TLSConfig != nil {
		d.TLSConfig.ServerName = "" // it is that of the server
	}
	return d.DialContext(ctx, "tcp", addr)
}
