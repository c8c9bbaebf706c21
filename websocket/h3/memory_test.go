package h3_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/testutils/simnet"
)

// network is one in memory, for bubbles of synctest. Its first socket is the server's.
type network struct {
	router simnet.PerfectRouter
	last   atomic.Uint32
}

func (n *network) socket() *simnet.SimConn {
	return simnet.NewBlockingSimConn(addrOf(n.last.Add(1)), &n.router)
}

func addrOf(n uint32) *net.UDPAddr {
	return &net.UDPAddr{IP: net.IPv4(10, 0, byte(n>>8), byte(n)), Port: 443}
}

// dial connects to the server.
func (n *network) dial(ctx context.Context, _ string, tlsConfig *tls.Config, config *quic.Config) (*quic.Conn, error) {
	socket := n.socket()
	conn, err := quic.Dial(ctx, socket, addrOf(1), tlsConfig, config)
	if err != nil {
		socket.Close()
		return nil, err
	}
	context.AfterFunc(conn.Context(), func() { socket.Close() })
	return conn, nil
}

// serveInMemory is serve in a bubble.
func serveInMemory(t testing.TB, n *network, config *quic.Config, h http.Handler) *server {
	t.Helper()
	socket := n.socket()
	t.Cleanup(func() { socket.Close() })
	s := serveOn(t, socket, config, h)
	s.addr = "127.0.0.1:443" // for which there is a certificate
	s.transport.Dial = n.dial
	return s
}
