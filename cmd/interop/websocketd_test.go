package interop_test

import (
	"crypto/tls"
	"net"
	"testing"

	"github.com/wirews/wirews/ws"
)

// startWebsocketd runs what makes a server of any program: a line of it is a
// text message.
func startWebsocketd(t *testing.T, id identity, secure bool) server {
	t.Helper()
	addr := freeAddrs(t, 1)[0]
	_, port, _ := net.SplitHostPort(addr)
	s := server{scheme: "ws", host: addr, noFragments: true, codeOnly: true, codes: foreign{unknown: ws.StatusBadGateway}.codes()}
	args := []string{"--address=127.0.0.1", "--port=" + port, "--loglevel=fatal"}
	if secure {
		s.scheme = "wss"
		s.dialer.TLSConfig = &tls.Config{RootCAs: id.roots}
		args = append(args, "--ssl", "--sslcert="+id.cert, "--sslkey="+id.key)
	}
	daemon(t, addr, append(append([]string{"websocketd"}, args...), "cat")...)
	return s
}

func testBigText(t *testing.T, s server) string {
	c := s.dial(t, "/echo")
	p := make([]byte, 5<<20)
	for i := range p {
		p[i] = 'x'
	}
	c.comesBack(ws.OpText, p)
	c.close(1000, "")
	return count(1)
}
