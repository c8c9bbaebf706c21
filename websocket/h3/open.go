package h3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"github.com/wirews/wirews/internal/streamreq"
)

// maxInterim is how many interim responses a server may send.
const maxInterim = 16

// open sends an extended CONNECT, for which there has to be a reservation, and waits
// for the response. The context of req ends that, and no stream that is open.
func (c *clientConn) open(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	s, err := c.openStream(ctx)
	if err != nil {
		c.Release()
		return nil, err
	}
	unwatch := context.AfterFunc(ctx, func() { cancelStream(s) })
	resp, err := converse(s, connectRequest(req))
	switch {
	case !unwatch():
		err = ctx.Err()
	case err == nil:
		state := c.quic.ConnectionState().TLS
		body := newConn(s, c.quic.LocalAddr(), c.quic.RemoteAddr(), state, c.Release)
		r := streamreq.Response(req, 3, resp.StatusCode, resp.Header, body)
		r.TLS = &state
		return r, nil
	}
	cancelStream(s)
	c.Release()
	if e, ok := errors.AsType[*quic.StreamError](err); ok && e.Remote && http3.ErrCode(e.ErrorCode) == http3.ErrCodeRequestRejected {
		return nil, fmt.Errorf("%w: %w", errUnprocessed, typed(err)) // RFC 9114, section 8.1
	}
	if errors.As(err, new(*http3.Error)) || c.quic.Context().Err() != nil {
		err = typed(err)
	}
	return nil, err
}

func cancelStream(s *http3.RequestStream) {
	code := quic.StreamErrorCode(http3.ErrCodeRequestCanceled)
	s.CancelRead(code)
	s.CancelWrite(code)
}

// converse sends a request, and reads the response.
func converse(s *http3.RequestStream, req *http.Request) (*http.Response, error) {
	if err := s.SendRequestHeader(req); err != nil {
		return nil, err
	}
	for range maxInterim {
		resp, err := s.ReadResponse()
		if err != nil || resp.StatusCode >= 200 {
			return resp, err
		}
	}
	return nil, errInterim
}

// connectRequest turns an opening handshake of HTTP/1.1 into an extended CONNECT (RFC
// 8441, section 5; RFC 9220, section 3).
func connectRequest(req *http.Request) *http.Request {
	sent := req.Clone(req.Context())
	sent.Method, sent.Proto, sent.ProtoMajor, sent.ProtoMinor = http.MethodConnect, "websocket", 3, 0
	sent.Body, sent.ContentLength, sent.Trailer = nil, 0, nil
	for name := range sent.Header {
		if streamreq.BelongsToHTTP1(strings.ToLower(name)) {
			delete(sent.Header, name)
		}
	}
	return sent
}
