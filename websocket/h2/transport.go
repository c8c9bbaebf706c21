package h2

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"

	"golang.org/x/net/http2/hpack"

	"github.com/wirews/wirews/internal/connpool"
	"github.com/wirews/wirews/internal/streamreq"
)

// Transport is an http.RoundTripper for the HTTPClient of websocket.DialOptions: it
// sends opening handshakes over HTTP/2, and everything else over HTTP/1.1. The zero
// value is ready. It keeps connections, so there should be one for many calls of Dial;
// it must not be copied, and its fields must not be changed once it is used.
type Transport struct {
	// TLSClientConfig is for connections to servers, and to proxies by TLS. It is not
	// changed; its NextProtos are not used. nil: the zero Config.
	TLSClientConfig *tls.Config

	// DialContext connects. nil: that of a net.Dialer.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)

	// Proxy returns the proxy for a request, which is asked for a tunnel, or nil, as
	// http.ProxyFromEnvironment does. Its request has to be left as it is. nil: there
	// is none.
	Proxy func(*http.Request) (*url.URL, error)

	// UnencryptedHTTP2 speaks HTTP/2 where there is no TLS too, with servers that are
	// known to do so (RFC 9113, section 3.3). Without it "ws" stands for HTTP/1.1.
	UnencryptedHTTP2 bool

	// Only forbids HTTP/1.1: the error is ErrNotOffered then.
	Only bool

	// HTTP1 sends what is not sent over HTTP/2. nil: an http.Transport that connects
	// in the same way.
	HTTP1 http.RoundTripper

	// MaxStreams is how many WebSockets share a connection, if the server allows as
	// many. Zero: 1,000.
	MaxStreams int

	// StreamWindow is how many bytes of a WebSocket are received ahead of whoever
	// reads. It bounds how fast one WebSocket can be: so much in the time that bytes
	// need there and back. Zero: 256 KiB. Less than 65,535 stands for that, and more
	// than 1 GiB for 1 GiB.
	StreamWindow int

	// MaxHeaderBytes bounds the fields of a response, as
	// SETTINGS_MAX_HEADER_LIST_SIZE counts them. Zero: 64 KiB. More than 1 MiB stands
	// for 1 MiB.
	MaxHeaderBytes int

	// ConnectTimeout is how long to wait for a connection, with its TLS, and for the
	// SETTINGS of the server, whatever the context says. Zero: 30 seconds.
	ConnectTimeout time.Duration

	// PingAfter is how long a server may be silent before it is sent a PING. Zero: 30
	// seconds. Negative: no PING is sent.
	PingAfter time.Duration

	// PingTimeout is how long it may be silent then, before its connection is given
	// up. Zero: 15 seconds.
	PingTimeout time.Duration

	// IdleTimeout is how long a connection without WebSockets is kept. Zero: 90
	// seconds. Negative: for as long as the server likes.
	IdleTimeout time.Duration

	pool   connpool.Pool[place, *conn]
	mu     sync.Mutex
	http11 map[place]time.Time // since when it is known to offer HTTP/1.1 only
}

// Bounds of a Transport's fields.
const (
	defaultMaxStreams = 1000
	defaultWindow     = 256 << 10
	largestWindow     = 1 << 30
	defaultMaxHeader  = 64 << 10
	largestMaxHeader  = 1 << 20

	defaultConnectTimeout = 30 * time.Second
)

// place is where a connection leads to.
type place struct {
	scheme string // "https" or "http"
	addr   string // host and port
	proxy  string // its URL, or ""
}

// maxTries is how often a request is sent that servers have not looked at.
const maxTries = 5

// RoundTrip sends a request, and returns the response. That of a WebSocket has the
// status 200; its body is a net.Conn whose deadlines do not end it, and its Request
// what was sent: with the method CONNECT. The context of req bounds RoundTrip, and
// nothing after it.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	p, proxy, err := t.place(req)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	if !streamreq.Opens(req) || p.scheme != "https" && !t.UnencryptedHTTP2 || t.knownHTTP11(p) {
		return t.fallBack(req, p, proxy, ErrNotOffered)
	}
	fields, err := connectFields(req)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	for tries := 1; ; tries++ {
		resp, err := t.try(req, p, proxy, fields)
		switch {
		case err == nil:
			closeBody(req)
			return resp, nil
		case errors.Is(err, ErrNotOffered):
			t.noteHTTP11(p)
			return t.fallBack(req, p, proxy, err)
		case !errors.Is(err, errUnprocessed) || tries == maxTries:
			closeBody(req)
			return nil, err
		}
	}
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}

// try sends a request once.
func (t *Transport) try(req *http.Request, p place, proxy *url.URL, fields []hpack.HeaderField) (*http.Response, error) {
	ctx := req.Context()
	c, reused, err := t.conn(ctx, p, proxy)
	if err != nil {
		return nil, err
	}
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{Conn: c.nc, Reused: reused})
	}
	return c.open(ctx, req, fields)
}

// fallBack sends a request over HTTP/1.1. cause is the error if that must not be.
func (t *Transport) fallBack(req *http.Request, p place, proxy *url.URL, cause error) (*http.Response, error) {
	if t.Only {
		closeBody(req)
		return nil, cause
	}
	if t.HTTP1 != nil {
		return t.HTTP1.RoundTrip(req)
	}
	config := t.tlsConfig(p)
	config.NextProtos = []string{"http/1.1"}
	return (&http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			return t.dialTCP(ctx, proxy, addr)
		},
		TLSClientConfig:     config,
		TLSHandshakeTimeout: t.connectTimeout(),
		MaxIdleConnsPerHost: -1, // nobody would ever use what it keeps
	}).RoundTrip(req)
}

// remembered is for how long a server is not asked again whether it speaks HTTP/2.
const remembered = 10 * time.Minute

func (t *Transport) knownHTTP11(p place) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	since, known := t.http11[p]
	if known && time.Since(since) > remembered {
		delete(t.http11, p)
		known = false
	}
	return known && !t.Only
}

func (t *Transport) noteHTTP11(p place) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.http11 == nil || len(t.http11) >= 1000 {
		t.http11 = make(map[place]time.Time)
	}
	t.http11[p] = time.Now()
}

// CloseIdleConnections closes the connections without WebSockets.
func (t *Transport) CloseIdleConnections() {
	for _, c := range t.pool.All() {
		c.closeIdle()
	}
	if h, ok := t.HTTP1.(interface{ CloseIdleConnections() }); ok {
		h.CloseIdleConnections()
	}
}

// settings returns what connections take from t.
func (t *Transport) settings() settings {
	return settings{
		maxStreams:   cmp.Or(max(t.MaxStreams, 0), defaultMaxStreams),
		streamWindow: min(max(cmp.Or(t.StreamWindow, defaultWindow), initialWindow), largestWindow),
		maxHeader:    min(cmp.Or(max(t.MaxHeaderBytes, 0), defaultMaxHeader), largestMaxHeader),
		pingAfter:    max(cmp.Or(t.PingAfter, 30*time.Second), 0),
		pingTimeout:  cmp.Or(max(t.PingTimeout, 0), 15*time.Second),
		idleTimeout:  max(cmp.Or(t.IdleTimeout, 90*time.Second), 0),
	}
}

func (t *Transport) connectTimeout() time.Duration {
	return cmp.Or(max(t.ConnectTimeout, 0), defaultConnectTimeout)
}
