package interop_test

import (
	"crypto/tls"
	"net"
	"testing"

	"github.com/wirews/wirews/ws"
)

// websocketd makes a server of any program: a line of it is a text message.
func TestOurClientWithWebsocketd(t *testing.T) {
	need(t, []string{"websocketd", "--version"}, "websocketd: install the Debian package websocketd")
	matrix.version("websocketd", "") // it names that of its compiler
	id := newIdentity(t)
	for _, secure := range []bool{false, true} {
		s := startWebsocketd(t, id, secure)
		for _, column := range []string{colText, colFragments, colPing, colByClient, colBig, colMany, colCommand} {
			test := serverTests[column]
			switch column {
			case colBig:
				test = testBigText
			case colByClient:
				test = testCloseEchoed
			}
			cell(t, "Our client with their servers", "websocketd, "+s.scheme, column, func(t *testing.T) string { return test(t, s) })
		}
	}
}

func startWebsocketd(t *testing.T, id identity, secure bool) server {
	t.Helper()
	addr := freeAddrs(t, 1)[0]
	_, port, _ := net.SplitHostPort(addr)
	s := server{scheme: "ws", host: addr, noFragments: true, codes: foreign{unknown: ws.StatusBadGateway}.codes()}
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

// testCloseEchoed wants the code back, and no reason: RFC 6455, 5.5.1, asks for
// the code alone.
func testCloseEchoed(t *testing.T, s server) string {
	for _, code := range s.codes {
		c := s.dial(t, "/echo")
		c.send(ws.OpClose, true, ws.AppendClose(nil, code, "reason"))
		c.want("answer to the close", ws.OpClose, ws.AppendClose(nil, code, ""))
		c.wantEnd("behind it")
	}
	return count(len(s.codes))
}
