package ws

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptrace"
)

// zeroTrace has no hooks.
var zeroTrace httptrace.ClientTrace

// traceOf returns the hooks of ctx.
func traceOf(ctx context.Context) *httptrace.ClientTrace {
	if t := httptrace.ContextClientTrace(ctx); t != nil {
		return t
	}
	return &zeroTrace
}

// handshakeTLS does the handshake of TLS, and tells the hooks of ctx.
func handshakeTLS(ctx context.Context, conn *tls.Conn) error {
	trace := traceOf(ctx)
	if trace.TLSHandshakeStart != nil {
		trace.TLSHandshakeStart()
	}
	err := conn.HandshakeContext(ctx)
	if trace.TLSHandshakeDone != nil {
		trace.TLSHandshakeDone(conn.ConnectionState(), err)
	}
	return err
}

// traced returns conn for the opening handshake: what tells the hooks of ctx about
// it, if there are any.
func traced(ctx context.Context, conn net.Conn) net.Conn {
	trace := traceOf(ctx)
	if trace == &zeroTrace {
		return conn
	}
	if trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{Conn: conn})
	}
	return &tracedConn{Conn: conn, trace: trace}
}

// tracedConn is a connection that the request is written to at once, and the
// response read from.
type tracedConn struct {
	net.Conn
	trace *httptrace.ClientTrace
	heard bool
}

// Write writes the request.
func (c *tracedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err == nil && c.trace.WroteHeaders != nil {
		c.trace.WroteHeaders()
	}
	if c.trace.WroteRequest != nil {
		c.trace.WroteRequest(httptrace.WroteRequestInfo{Err: err})
	}
	return n, err
}

// Read reads the response.
func (c *tracedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.heard {
		c.heard = true
		if c.trace.GotFirstResponseByte != nil {
			c.trace.GotFirstResponseByte()
		}
	}
	return n, err
}
