package h2

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/wirews/wirews/internal/streamreq"
)

// errUnprocessed wraps the error of a request that the server has not looked at: it
// may be sent again.
var errUnprocessed = errors.New("h2: the server has not taken the request")

// open sends an extended CONNECT, for which there has to be a reservation, and waits
// for the response.
func (c *conn) open(ctx context.Context, req *http.Request, fields []hpack.HeaderField) (*http.Response, error) {
	s, err := c.begin(fields)
	if err != nil {
		return nil, err
	}
	select {
	case <-s.answer:
	case <-ctx.Done():
		s.Close()
		return nil, ctx.Err()
	}
	c.mu.Lock()
	r, err := s.response, s.err
	unprocessed := s.unprocessed
	c.mu.Unlock()
	switch {
	case r != nil:
	case unprocessed:
		return nil, fmt.Errorf("%w: %w", errUnprocessed, err)
	default:
		return nil, err
	}
	if trace := httptrace.ContextClientTrace(ctx); trace != nil && trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	return c.respond(s, r, req), nil
}

// respond makes the response that an http.Client knows.
func (c *conn) respond(s *stream, r *response, req *http.Request) *http.Response {
	conn, ok := c.nc.(*tls.Conn)
	if !ok {
		return streamreq.Response(req, 2, r.status, r.header, s)
	}
	state := conn.ConnectionState()
	resp := streamreq.Response(req, 2, r.status, r.header, &tlsStream{s, state})
	resp.TLS = &state
	return resp
}

// begin sends the request of a new stream.
func (c *conn) begin(fields []hpack.HeaderField) (*stream, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reserved--
	if c.leaving != nil {
		c.rest()
		return nil, fmt.Errorf("%w: %w", errUnprocessed, c.leaving)
	}
	if size := sizeOf(fields); size > uint64(c.server.maxHeader) {
		c.rest()
		return nil, fmt.Errorf("h2: the request has %d bytes of fields, and the server allows %d", size, c.server.maxHeader)
	}
	s := &stream{id: c.next}
	s.init(c)
	if c.next += 2; c.next > maxWindow {
		c.leaving = errExhausted
	}
	c.streams[s.id] = s
	c.block.Reset()
	for _, f := range fields {
		c.encoder.WriteField(f)
	}
	c.writeHeaders(s.id, c.block.Bytes())
	return s, nil
}

// writeHeaders writes a block of fields, in as many frames as it needs.
func (c *conn) writeHeaders(id uint32, block []byte) {
	first := block[:min(len(block), maxFrame)]
	rest := block[len(first):]
	c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: first, EndHeaders: len(rest) == 0})
	for len(rest) > 0 {
		part := rest[:min(len(rest), maxFrame)]
		rest = rest[len(part):]
		c.framer.WriteContinuation(id, len(rest) == 0, part)
	}
}
