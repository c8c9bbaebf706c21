package websocket

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/proxydial"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// connect connects to the host, by way of a proxy if there is one, and lays TLS over
// the connection if there is to be some.
func (h *handshake) connect(ctx context.Context) (net.Conn, error) {
	u := h.req.URL
	secure := u.Scheme == "https"
	port := u.Port()
	if port == "" {
		port = map[bool]string{false: "80", true: "443"}[secure]
	}
	addr := net.JoinHostPort(u.Hostname(), port)
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil && trace.GetConn != nil {
		trace.GetConn(addr)
	}
	dial, secured, err := h.dialFunc(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := dial(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{Conn: conn})
	}
	if !secure || secured {
		return conn, nil
	}
	layer := tls.Client(conn, h.tlsConfig(u.Hostname()))
	if trace != nil && trace.TLSHandshakeStart != nil {
		trace.TLSHandshakeStart()
	}
	err = layer.HandshakeContext(ctx)
	if trace != nil && trace.TLSHandshakeDone != nil {
		trace.TLSHandshakeDone(layer.ConnectionState(), err)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return layer, nil
}

type dialFunc = func(ctx context.Context, network, addr string) (net.Conn, error)

// dialFunc returns what connects to the host, and whether that lays TLS over the
// connection by itself.
func (h *handshake) dialFunc(ctx context.Context) (dial dialFunc, secured bool, err error) {
	switch {
	case h.NetDialContext != nil:
		dial = h.NetDialContext
	case h.NetDial != nil:
		dial = func(_ context.Context, network, addr string) (net.Conn, error) { return h.NetDial(network, addr) }
	default:
		dial = new(net.Dialer).DialContext
	}
	if h.Proxy != nil {
		proxy, err := h.Proxy(h.req)
		if err != nil {
			return nil, false, err
		}
		if proxy != nil {
			p := &proxydial.Dialer{Proxy: proxy, Dial: withDeadline(dial), TLSConfig: h.TLSClientConfig.Clone()}
			if p.TLSConfig != nil {
				p.TLSConfig.ServerName = "" // it is that of the server
			}
			return p.DialContext, false, nil
		}
	}
	if h.req.URL.Scheme == "https" && h.NetDialTLSContext != nil {
		return withDeadline(h.NetDialTLSContext), true, nil
	}
	return withDeadline(dial), false, nil
}

// withDeadline has each connection get the context's deadline: some do not end
// otherwise.
func withDeadline(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		if deadline, ok := ctx.Deadline(); ok {
			if err := conn.SetDeadline(deadline); err != nil {
				conn.Close()
				return nil, err
			}
		}
		return conn, nil
	}
}

func (h *handshake) tlsConfig(hostname string) *tls.Config {
	config := h.TLSClientConfig.Clone() // nil's is nil
	if config == nil {
		config = new(tls.Config)
	}
	if config.ServerName == "" {
		config.ServerName = hostname
	}
	// A configuration that net/http's transport has used asks for HTTP/2 too.
	config.NextProtos = []string{"http/1.1"}
	return config
}

// withCause puts ctx's error in front of what it has probably led to.
func withCause(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) {
		return dialError{ended, err}
	}
	return err
}

// dialError is the error of a context and what it has led to. It is a net.Error, as both
// are of a deadline.
type dialError struct{ ended, err error }

func (e dialError) Error() string   { return e.ended.Error() + ": " + e.err.Error() }
func (e dialError) Unwrap() []error { return []error{e.ended, e.err} }
func (e dialError) Timeout() bool   { return e.ended == context.DeadlineExceeded }
func (e dialError) Temporary() bool { return e.Timeout() }

// exchange sends the request, reads the response, and makes the connection.
func (h *handshake) exchange(ctx context.Context, conn net.Conn) (c *Conn, resp *http.Response, err error) {
	err = proxydial.Within(ctx, conn, func() (err error) {
		if err = h.req.Write(checkedio.Writer{W: conn}); err != nil {
			return err
		}
		head := &headReader{r: conn, left: maxHead}
		br := bufio.NewReader(head)
		if resp, err = h.response(ctx, br); err != nil {
			return err
		}
		head.left = maxHead // for the beginning of the body
		c, err = h.check(conn, br, resp)
		return err
	})
	if err != nil {
		if resp == nil {
			err = withCause(ctx, err)
		}
		return nil, resp, err
	}
	return c, resp, conn.SetDeadline(time.Time{})
}

// maxInterim is how many responses with a status of 1xx a server may send.
const maxInterim = 16

// response reads the final response.
func (h *handshake) response(ctx context.Context, br *bufio.Reader) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(ctx); trace != nil && trace.GotFirstResponseByte != nil {
		if _, err := br.Peek(1); err == nil {
			trace.GotFirstResponseByte()
		}
	}
	for range maxInterim {
		resp, err := http.ReadResponse(br, h.req)
		if err != nil || resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
	return nil, errors.New("websocket: too many interim responses")
}

// maxBody is how much of the body of a refusal is kept, in bytes, and bodyTimeout
// how long it is waited for if nothing bounds the handshake.
const (
	maxBody     = 1024
	bodyTimeout = time.Second
)

// check applies the rules to the response, and makes the connection.
func (h *handshake) check(conn net.Conn, br *bufio.Reader, resp *http.Response) (*Conn, error) {
	if h.Jar != nil {
		if cookies := resp.Cookies(); len(cookies) > 0 {
			h.Jar.SetCookies(h.req.URL, cookies)
		}
	}
	hs, err := h.rules.CheckHTTP(resp)
	if err != nil {
		if _, ok := h.req.Context().Deadline(); !ok && h.HandshakeTimeout == 0 {
			late := time.AfterFunc(bodyTimeout, func() { conn.SetReadDeadline(time.Unix(1, 0)) })
			defer late.Stop()
		}
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxBody))
		resp.Body = io.NopCloser(bytes.NewReader(body))
		return nil, ErrBadHandshake
	}
	resp.Body = http.NoBody
	p, compressed, err := h.offers.Accepted(hs.Extensions)
	if err != nil {
		return nil, err
	}
	var d *wsflate.Deflate
	if compressed {
		d = wsflate.New(ws.StateClientSide, p, &wsflate.Options{Threshold: everyMessage, MaxSize: -1})
	}
	early, _ := br.Peek(br.Buffered())
	c := newConn(conn, &clientConfig, buffers{h.ReadBufferSize, h.WriteBufferSize, h.WriteBufferPool}, d, early)
	c.subprotocol = hs.Protocol
	return c, nil
}

// maxHead is how many bytes are read in search of the end of the response's head.
const maxHead = 64 << 10

// headReader reads no more than is left.
type headReader struct {
	r    io.Reader
	left int
}

var errHead = errors.New("websocket: the response's head is longer than 64 KiB")

func (h *headReader) Read(p []byte) (int, error) {
	if h.left == 0 {
		return 0, errHead
	}
	n, err := checkedio.ReadSome(h.r, p[:min(len(p), h.left)])
	h.left -= n
	return n, err
}
