package websocket

import (
	"crypto/tls"
	"net"
)

// UnderlyingConn returns the transport: to set options of its socket, or to ask
// for what it knows about the peer. It stays the connection's: whoever reads,
// writes, closes it or sets its deadlines breaks the connection. After Dial it is the net.Conn
// that the HTTPClient has connected by, and nil if that does not show it. In a web page
// it is of no use.
func (c *Conn) UnderlyingConn() net.Conn {
	if b, ok := c.transport.conn.(*bodyConn); ok {
		return b.below
	}
	return c.transport.conn
}

// TLS returns what is known of the TLS that the transport is, such as the peer's
// certificates, and nil if it is none, or does not show it.
func (c *Conn) TLS() *tls.ConnectionState {
	if s, ok := c.transport.conn.(*streamConn); ok {
		return s.tls
	}
	conn, ok := c.UnderlyingConn().(interface{ ConnectionState() tls.ConnectionState })
	if !ok {
		return nil
	}
	state := conn.ConnectionState()
	return &state
}
