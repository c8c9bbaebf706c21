package bench_test

import (
	"net"
	"testing"
	"time"
)

// sinkConn returns a TCP connection over loopback whose peer reads whatever
// comes.
func sinkConn(b *testing.B) net.Conn {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer ln.Close()
	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	peer, err := ln.Accept()
	if err != nil {
		b.Fatal(err)
	}
	// No benchmark takes as long: a defect ends it instead of hanging it.
	for _, c := range []net.Conn{conn, peer} {
		c.SetDeadline(time.Now().Add(10 * time.Minute))
	}
	go func() {
		buf := make([]byte, 256<<10)
		for {
			if _, err := peer.Read(buf); err != nil {
				peer.Close()
				return
			}
		}
	}()
	b.Cleanup(func() { conn.Close() })
	return conn
}
