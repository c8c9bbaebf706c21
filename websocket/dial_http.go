//go:build !js

package websocket

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/redact"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// maxBody is how much of the body of a refusal is kept, in bytes.
const maxBody = 1024

// bodyTimeout is how long that is waited for, if ctx allows it.
const bodyTimeout = time.Second

// dialing is one handshake of a client. The rules are those of
// ws.ClientHandshake, which makes the request and checks the response; what
// carries them is the http.Client.
type dialing struct {
	opts      *DialOptions
	offers    wsflate.Offers
	handshake ws.ClientHandshake
	conn      net.Conn // that the transport has used last
	stream    bool     // the transport has opened a stream of it
}

// dial is Dial by way of net/http.
func dial(ctx context.Context, u string, opts *DialOptions) (*Conn, *http.Response, error) {
	d := &dialing{opts: opts}
	return d.dial(ctx, u)
}

func (d *dialing) dial(ctx context.Context, u string) (*Conn, *http.Response, error) {
	client := d.client()
	if t := client.Timeout; t > 0 {
		// It would go on counting after the handshake.
		client.Timeout = 0
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t)
		defer cancel()
	}
	req, err := d.request(ctx, u)
	if err != nil {
		return nil, nil, Permanent(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, plain(ctx, err)
	}
	hs, err := d.check(resp)
	if err != nil {
		return nil, resp, d.keepBody(resp, headLimit("DialOptions", err))
	}
	rwc, ok := resp.Body.(io.ReadWriteCloser)
	if !ok {
		resp.Body.Close()
		return nil, resp, Permanent(fmt.Errorf("the body of the response is a %T and cannot be written to: HTTPClient.Transport has to hand out the connection, as http.Transport does", resp.Body))
	}
	c, err := d.connected(rwc, hs)
	resp.Body = http.NoBody
	if err != nil {
		rwc.Close()
		return nil, resp, err
	}
	c.opened(ctx, d.opts.OnOpen)
	return c, resp, nil
}

// check applies the rules of the handshake. A transport of HTTP/2 or HTTP/3 has made
// an extended CONNECT of the request, and says so in the response.
func (d *dialing) check(resp *http.Response) (ws.Handshake, error) {
	if d.stream = resp.ProtoMajor >= 2 && resp.Request != nil && resp.Request.Method == http.MethodConnect; d.stream {
		return d.handshake.CheckStream(resp)
	}
	return d.handshake.CheckHTTP(resp)
}

// client returns the http.Client, which knows what the schemes of WebSocket
// stand for in a redirect.
func (d *dialing) client() *http.Client {
	client := *http.DefaultClient
	if d.opts.HTTPClient != nil {
		client = *d.opts.HTTPClient
	}
	client.Transport = throughTunnels(client.Transport)
	check := client.CheckRedirect
	client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		req.URL.Scheme = httpScheme(req.URL.Scheme)
		if via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme == "http" {
			return Permanent(fmt.Errorf("%w: to host %.100q", ErrRedirectUnencrypted, req.URL.Host))
		}
		if via[0].Header.Get("Referer") == "" {
			// A query may hold what is nobody else's business.
			req.Header.Del("Referer")
		}
		if check != nil {
			return check(req, via)
		}
		if len(via) >= 10 {
			return errors.New("stopped after 10 redirects")
		}
		return nil
	}
	return &client
}

func httpScheme(scheme string) string {
	switch scheme {
	case "ws":
		return "http"
	case "wss":
		return "https"
	}
	return scheme
}

// request makes the request, with the fields that package ws puts into it.
func (d *dialing) request(ctx context.Context, target string) (*http.Request, error) {
	u, err := ws.ParseURL(target)
	if err != nil {
		return nil, err
	}
	rules := &ws.Dialer{Protocols: d.opts.Subprotocols, Host: d.opts.Host, Limits: d.opts.HeadLimits}
	host := cmp.Or(d.opts.Host, d.opts.HTTPHeader.Get("Host"), hostOf(u))
	if !isASCII(host) {
		rules.Host = "idn.invalid" // net/http translates the real one
	}
	if len(d.opts.HTTPHeader) > 0 {
		rules.Header = ws.HandshakeHeaderHTTP(d.opts.HTTPHeader)
	}
	if mode := d.opts.CompressionMode; mode != CompressionDisabled {
		if err := d.opts.Compression.check(); err != nil {
			return nil, err
		}
		d.offers = mode.offers(d.opts.Compression)
		rules.Extensions = d.offers.Options()
	}
	d.handshake.Dialer = rules
	head, err := d.handshake.AppendRequest(nil, u)
	if err != nil {
		return nil, err
	}
	parsed, err := httpx.ParseRequest(head, nil)
	if err != nil {
		return nil, err
	}
	u.Scheme = httpScheme(u.Scheme)
	_, u.RawQuery, _ = strings.Cut(string(parsed.Target), "?") // in ASCII
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { d.conn = info.Conn }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	for _, f := range parsed.Fields {
		name := string(f.Name)
		if strings.EqualFold(name, "Host") {
			if req.Host = string(f.Value); rules.Host == "idn.invalid" {
				req.Host = host
			}
			continue
		}
		if !strings.HasPrefix(name, "Sec-WebSocket-") || !d.writes() {
			name = http.CanonicalHeaderKey(name)
		}
		req.Header[name] = append(req.Header[name], string(f.Value))
	}
	return req, nil
}

// writes reports whether the request goes to net/http's transport, which writes
// the names of fields as they are spelt: as the RFC does, for servers that
// compare them byte by byte. Other transports look them up by Header.Get.
func (d *dialing) writes() bool {
	transport := http.DefaultTransport
	if d.opts.HTTPClient != nil && d.opts.HTTPClient.Transport != nil {
		transport = d.opts.HTTPClient.Transport
	}
	_, ok := transport.(*http.Transport)
	return ok
}

// hostOf returns the host of u, without the port if it is the scheme's.
func hostOf(u *url.URL) string {
	port := ":80"
	if httpScheme(u.Scheme) == "https" {
		port = ":443"
	}
	return strings.TrimSuffix(u.Host, port)
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// keepBody keeps the beginning of the body of a refusal.
func (d *dialing) keepBody(resp *http.Response, err error) error {
	sent := resp.Body
	defer sent.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols || d.stream && resp.StatusCode/100 == 2 {
		resp.Body = http.NoBody
		return err
	}
	late := time.AfterFunc(bodyTimeout, func() { sent.Close() })
	defer late.Stop()
	body, _ := io.ReadAll(io.LimitReader(sent, maxBody))
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if refusal, ok := errors.AsType[*ws.ResponseError](err); ok {
		refusal.Body = body
	}
	return err
}

// connected makes a connection of a handshake that has succeeded.
func (d *dialing) connected(rwc io.ReadWriteCloser, hs ws.Handshake) (*Conn, error) {
	var accepted []httphead.Option = hs.Extensions
	p, ok, err := d.offers.Accepted(accepted)
	if err != nil {
		return nil, err
	}
	var ext wsproto.Extension
	if ok {
		ext = newDeflate(ws.StateClientSide, p, d.opts.CompressionThreshold, d.opts.Compression)
	}
	return newConn(newBodyConn(rwc, d.conn), ws.StateClientSide, hs.Protocol, ext, d.opts.settings()), nil
}

// discreetError is an error with another text.
type discreetError struct {
	text string
	err  error
}

func (e *discreetError) Error() string { return e.text }
func (e *discreetError) Unwrap() error { return e.err }

// plain takes from an error what repeats the URL, which may hold a password.
func plain(ctx context.Context, err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	// net/http quotes a Location, and the address of a proxy, that it cannot parse.
	if text := redact.Quoted(err.Error()); text != err.Error() {
		err = &discreetError{text, err}
	}
	if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) {
		return fmt.Errorf("%w: %w", ended, err)
	}
	return err
}
