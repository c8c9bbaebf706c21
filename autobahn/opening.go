package autobahn

import (
	"net"
	"net/url"
)

// opening is a handshake that differs from the usual one.
type opening struct{}

func (o *opening) judgeServer(c *Client, target *url.URL, test *Case, conn net.Conn) *Result {
	panic("none yet")
}
func (o *opening) judgeClient(test *Case, conn net.Conn, request head, key string) *Result {
	panic("none yet")
}
