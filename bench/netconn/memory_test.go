package netconn

import (
	"net"
	"testing"

	"golang.org/x/net/nettest"

	"github.com/wirews/wirews/websocket/wstest"
)

// TestConnInMemory holds the net.Conn of package wstest against the same test.
// It echoes 8 bytes before it reads, so no smaller buffer will do.
func TestConnInMemory(t *testing.T) {
	for name, buffer := range map[string]int{"none": -1, "8 bytes": 8, "as usual": 0} {
		t.Run(name, func(t *testing.T) {
			nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
				a, b := wstest.NetPipe(buffer)
				return a, b, func() {
					a.Close()
					b.Close()
				}, nil
			})
		})
	}
}
