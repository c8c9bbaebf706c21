package websocket

import (
	"crypto/tls"
	"net"
	"net/http"

	"github.com/wirews/wirews/httpx"
)

// requestOf returns what AcceptConn has read from conn as an http.Request, for
// functions that are written once for both kinds of servers.
func requestOf(head httpx.Request, conn net.Conn) *http.Request {
	r := httpRequest(&head)
	r.RemoteAddr = addrText(conn.RemoteAddr())
	if secure, ok := conn.(*tls.Conn); ok {
		state := secure.ConnectionState()
		r.TLS = &state
	}
	return r
}

// addrText is a.String, and "" if there is no address.
func addrText(a net.Addr) string {
	if a == nil {
		return ""
	}
	return a.String()
}
