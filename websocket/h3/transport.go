package h3

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
	"golang.org/x/net/http/httpguts"

	"github.com/wirews/wirews/internal/connpool"
	"github.com/wirews/wirews/internal/streamreq"
)

// Transport is an http.RoundTripper for the HTTPClient of websocket.DialOptions: it
// sends opening handshakes over HTTP/3. The zero value is ready. It keeps connections,
// so there should be one for many calls of Dial; it must not be copied, and its fields
// must not be changed once it is used.
type Transport struct {
	// TLSClientConfig is for connections to servers. It is not changed; its NextProtos
	// are not used. nil: the zero Config.
	TLSClientConfig *tls.Config

	// QUICConfig is for connections to servers. nil: that of the function QUICConfig for
	// MaxStreams.
	QUICConfig *quic.Config

	// Dial connects to addr, a host and a port, and returns a connection whose
	// handshake is done. nil: by a socket of its own for each connection.
	Dial func(ctx context.Context, addr string, tlsConfig *tls.Config, config *quic.Config) (*quic.Conn, error)

	// Fallback sends what is not sent over HTTP/3: requests that open no WebSocket,
	// URLs with "ws", and what is for servers that cannot be connected to by QUIC, or
	// do not offer WebSocket there. Such a server is not tried again for ten minutes.
	// An *h2.Transport goes on with HTTP/2 and HTTP/1.1. nil: that is an error,
	// which is, or has in it, ErrNotOffered where the server is there.
	Fallback http.RoundTripper

	// MaxStreams is how many WebSockets share a connection. A server that allows fewer
	// has Dial wait for one of them to end. Zero: 100, which servers should allow (RFC
	// 9114, section 6.1).
	MaxStreams int

	// MaxHeaderBytes bounds the fields of a response, as
	// SETTINGS_MAX_FIELD_SECTION_SIZE counts them. Zero: 64 KiB. More than 1 MiB stands
	// for 1 MiB.
	MaxHeaderBytes int

	// ConnectTimeout is how long to wait for a connection, with its TLS, for the
	// SETTINGS of the server, and for it to allow a stream, whatever the context says.
	// Zero: 10 seconds.
	ConnectTimeout time.Duration

	// IdleTimeout is how long a connection without WebSockets is kept. Zero: 90
	// seconds. Negative: for as long as the server likes.
	IdleTimeout time.Duration

	pool   connpool.Pool[string, *clientConn]
	mu     sync.Mutex
	missed map[string]time.Time // since when a server is known not to offer HTTP/3
}

// Bounds and defaults of a Transport's fields.
const (
	defaultMaxStreams = 100
	defaultMaxHeader  = 64 << 10
	largestMaxHeader  = 1 << 20

	defaultConnectTimeout = 10 * time.Second
)

// maxTries is how often a request is sent that servers have not looked at.
const maxTries = 5

// RoundTrip sends a request, and returns the response. That of a WebSocket has the
// status 200; its body is a net.Conn whose deadlines do not end it, and its Request
// what was sent: with the method CONNECT. The context of req bounds RoundTrip, and
// nothing after it.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	defer closeBody(req)
	if !streamreq.Opens(req) {
		return t.fallBack(req, fmt.Errorf("%w: the request opens no WebSocket", ErrNotOffered))
	}
	if req.URL == nil || req.URL.Scheme != "https" {
		return t.fallBack(req, fmt.Errorf("%w, which is always encrypted: use wss", ErrNotOffered))
	}
	addr, err := addrOf(req)
	if err != nil {
		return nil, err
	}
	if t.knownMissing(addr) {
		return t.fallBack(req, ErrNotOffered)
	}
	for tries := 1; ; tries++ {
		resp, err := t.try(req, addr)
		switch {
		case err == nil:
			return resp, nil
		case errors.Is(err, errUnprocessed) && tries < maxTries:
		case errors.As(err, new(*connectError)) && t.Fallback != nil && req.Context().Err() == nil:
			t.noteMissing(addr)
			return t.fallBack(req, err)
		default:
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
func (t *Transport) try(req *http.Request, addr string) (*http.Response, error) {
	for {
		c, reused, err := t.pool.Get(req.Context(), addr, t.connectTimeout(), func(ctx context.Context) (*clientConn, error) {
			return t.connect(ctx, addr)
		})
		if err != nil {
			return nil, err
		}
		resp, err := c.open(req)
		if !reused || !errors.Is(err, errUnprocessed) || !c.left() {
			return resp, err
		}
		// GOAWAY had come, unnoticed. The pool does not give c out again, so this ends.
	}
}

// fallBack sends a request by Fallback. cause is the error if there is none.
func (t *Transport) fallBack(req *http.Request, cause error) (*http.Response, error) {
	if t.Fallback == nil {
		return nil, cause
	}
	return t.Fallback.RoundTrip(req)
}

// addrOf returns the host and port that a request is for.
func addrOf(req *http.Request) (string, error) {
	host, err := httpguts.PunycodeHostPort(req.URL.Hostname())
	if host == "" || err != nil {
		return "", fmt.Errorf("h3: cannot connect to host %.64q", req.URL.Host)
	}
	return net.JoinHostPort(host, cmp.Or(req.URL.Port(), "443")), nil
}

// remembered is for how long a server is not asked again whether it speaks HTTP/3.
const remembered = 10 * time.Minute

func (t *Transport) knownMissing(addr string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	since, known := t.missed[addr]
	if known && time.Since(since) > remembered {
		delete(t.missed, addr)
		known = false
	}
	return known
}

func (t *Transport) noteMissing(addr string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.missed == nil || len(t.missed) >= 1000 {
		t.missed = make(map[string]time.Time)
	}
	t.missed[addr] = time.Now()
}

// CloseIdleConnections closes the connections without WebSockets.
func (t *Transport) CloseIdleConnections() {
	for _, c := range t.pool.All() {
		c.closeIdle()
	}
	if f, ok := t.Fallback.(interface{ CloseIdleConnections() }); ok {
		f.CloseIdleConnections()
	}
}

func (t *Transport) maxStreams() int { return cmp.Or(max(t.MaxStreams, 0), defaultMaxStreams) }

func (t *Transport) connectTimeout() time.Duration {
	return cmp.Or(max(t.ConnectTimeout, 0), defaultConnectTimeout)
}
