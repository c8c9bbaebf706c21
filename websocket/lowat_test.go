//go:build linux

package websocket_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
)

// lowat returns TCP_NOTSENT_LOWAT of a connection.
func lowat(t *testing.T, conn net.Conn) (n int) {
	t.Helper()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err == nil {
		raw.Control(func(fd uintptr) { n, err = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, 25) })
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheKernelHoldsLittleOfWhatAQueueCouldDrop(t *testing.T) {
	for _, tc := range []struct {
		name  string
		queue *websocket.Queue
		want  int
	}{
		{"no queue", nil, 0},
		{"default", &websocket.Queue{}, 32 << 10},
		{"chosen", &websocket.Queue{NotSentLowat: 1 << 10}, 1 << 10},
		{"switched off", &websocket.Queue{NotSentLowat: -1}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			client, server := tcpPair(t)
			before := lowat(t, server)
			if tc.want == 0 {
				tc.want = before
			}
			wstest.PipeOver(t, server, client, &websocket.AcceptOptions{Queue: tc.queue}, nil)
			if got := lowat(t, server); got != tc.want {
				t.Errorf("TCP_NOTSENT_LOWAT is %d, want %d", got, tc.want)
			}
		})
	}
}

// The Queue of a client bounds what the kernel takes, as that of a server does.
func TestTheKernelTakesLittleOfAClientsQueue(t *testing.T) {
	for scheme, serve := range map[string]func(http.Handler) *httptest.Server{"http": httptest.NewServer, "https": httptest.NewTLSServer} {
		s := serve(echoServer(t))
		defer s.Close()
		var below net.Conn
		transport := s.Client().Transport.(*http.Transport).Clone()
		transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			below = conn
			return conn, err
		}
		c, _, err := websocket.Dial(within(t), s.URL, &websocket.DialOptions{
			HTTPClient: &http.Client{Transport: transport}, Queue: &websocket.Queue{NotSentLowat: 12345}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.CloseNow()
		if got := lowat(t, below); got != 12345 {
			t.Errorf("%s: TCP_NOTSENT_LOWAT is %d", scheme, got)
		}
	}
}
