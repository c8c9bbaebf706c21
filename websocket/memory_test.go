//go:build unix

package websocket_test

import (
	"context"
	"net"
	"runtime"
	"syscall"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// bare takes the descriptor out of a net.Conn, which then costs no heap.
func bare(t *testing.T, conn net.Conn) (fd int) {
	t.Helper()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Control(func(s uintptr) { fd, err = syscall.Dup(int(s)) })
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	syscall.SetNonblock(fd, false)
	return fd
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// An idle connection that is read from, by Read or by Serve, with a context
// that can be cancelled or not, holds at most 1,200 bytes of heap, its net.Conn
// included.
func TestAnIdleConnectionHoldsNoBuffers(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	if testing.Short() {
		t.Skip("it opens thousands of connections")
	}
	const conns, most = 1000, 1200
	shared, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, tc := range []struct {
		name string
		ctx  context.Context
		loop func(ctx context.Context, c *websocket.Conn)
	}{
		{"Read", context.Background(), readLoop},
		{"Read with a context", shared, readLoop},
		{"Serve", context.Background(), func(ctx context.Context, c *websocket.Conn) {
			c.Serve(ctx, func(ctx context.Context, typ websocket.MessageType, p []byte) error {
				return c.Write(ctx, typ, p)
			})
		}},
	} {
		all, fds := make([]*websocket.Conn, 0, conns), make([]int, 0, conns)
		before := heap()
		for range conns {
			client, server := tcpPairUncounted(t)
			c := acceptQuietly(t, client, server)
			fd := bare(t, client)
			go tc.loop(tc.ctx, c)
			for range 3 { // it has worked before it idles
				syscall.Write(fd, masked(ws.OpText, true, "Hello"))
				b := make([]byte, 7)
				if n, err := syscall.Read(fd, b); n != 7 || err != nil {
					t.Fatal(n, err)
				}
			}
			all, fds = append(all, c), append(fds, fd)
		}
		if each := (heap() - before) / conns; each > most {
			t.Errorf("%s: %d bytes of heap for each idle connection, want at most %d", tc.name, each, most)
		} else {
			t.Logf("%s: %d bytes", tc.name, each)
		}
		for _, c := range all {
			c.CloseNow()
		}
		for _, fd := range fds {
			syscall.Close(fd)
		}
	}
}

func readLoop(ctx context.Context, c *websocket.Conn) {
	for {
		typ, p, err := c.Read(ctx)
		if err != nil || c.Write(ctx, typ, p) != nil {
			return
		}
	}
}
