//go:build unix

package websocket_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/metrics"
	"syscall"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
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
	allWait()
	for range 3 {
		runtime.GC() // a pool outlives one
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// allWait waits until nobody else runs: whoever has just answered goes back to
// wait.
func allWait() {
	s := []metrics.Sample{{Name: "/sched/goroutines/runnable:goroutines"}, {Name: "/sched/goroutines/running:goroutines"}}
	for quiet := 0; quiet < 3; {
		runtime.Gosched()
		metrics.Read(s)
		if quiet++; s[0].Value.Uint64() > 0 || s[1].Value.Uint64() > 1 {
			quiet = 0
		}
	}
}

// An idle connection that is read from, by Read or by Serve, holds at most 1,200
// bytes of heap, its net.Conn and the descriptor of its goroutine included. With a
// context that can be cancelled it is at most 1,800: what package context needs to
// tell of its end, and a deadline.
func TestAnIdleConnectionHoldsNoBuffers(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	if testing.Short() {
		t.Skip("it opens thousands of connections")
	}
	const most, mostWithAContext = 1200, 1800
	conns := wstest.Connections(t, 1000, 3000)
	shared, cancel := context.WithCancel(context.Background())
	defer cancel()
	never := func() context.Context { return context.Background() }
	sharing := func() context.Context { return shared }
	own := func() context.Context {
		ctx, cancel := context.WithCancel(context.Background())
		t.Cleanup(cancel)
		return ctx
	}
	end := make(chan bool)
	defer close(end)
	cases := []struct {
		name string
		open func(t testing.TB) (*websocket.Conn, net.Conn)
		most int64
		ctx  func() context.Context
		loop func(ctx context.Context, c *websocket.Conn)
	}{
		{"Read", openByListener, most, never, readLoop},
		{"Read with a context that all have", openByListener, mostWithAContext, sharing, readLoop},
		{"Read with a context of its own", openByListener, mostWithAContext, own, readLoop},
		{"Messages", openByListener, most, never, messagesLoop},
		{"Messages with a context of its own", openByListener, mostWithAContext, own, messagesLoop},
		{"Serve", openByListener, most, never, serveLoop},
		{"Serve with a context that all have", openByListener, mostWithAContext, sharing, serveLoop},
		{"Serve with a context of its own", openByListener, mostWithAContext, own, serveLoop},
		{"Read after an HTTP handler that has returned", openByHandler(t), most, never, readLoop},
		{"Serve after an HTTP handler that has returned", openByHandler(t), most, never, serveLoop},
	}
	idle := runtime.NumGoroutine()
	for _, tc := range cases {
		all, fds, ctxs := make([]*websocket.Conn, 0, conns), make([]int, 0, conns), make([]context.Context, conns)
		for i := range conns {
			ctxs[i] = tc.ctx()
			go func() { <-end }() // takes a descriptor that the turn before has left
		}
		idle += conns
		before := heap()
		for i := range conns {
			c, client := tc.open(t)
			fd := bare(t, client)
			go tc.loop(ctxs[i], c)
			for range 3 { // it has worked before it idles
				syscall.Write(fd, masked(ws.OpText, true, "Hello"))
				b := make([]byte, 7)
				if n, err := syscall.Read(fd, b); n != 7 || err != nil {
					t.Fatal(n, err)
				}
			}
			all, fds = append(all, c), append(fds, fd)
		}
		if each := (leastHeap() - before) / int64(conns); each > tc.most {
			t.Errorf("%s: %d bytes of heap for each idle connection, want at most %d", tc.name, each, tc.most)
		} else {
			t.Logf("%s: %d bytes", tc.name, each)
		}
		for _, fd := range fds {
			// By a reset, which leaves no port in TIME_WAIT: all of these, one minute long, are most of those there are.
			syscall.SetsockoptLinger(fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
			syscall.Close(fd)
		}
		for _, c := range all {
			c.CloseNow()
		}
		clear(all)
		// What they hold would be missed in the next turn. A few of other tests, or of
		// all connections, do not matter.
		wstest.Until(t, "the goroutines end", func() bool { return runtime.NumGoroutine() <= idle+conns/100 })
	}
}

// leastHeap is heap without what happens to be there for a moment, such as a buffer
// that has been given back to its pool.
func leastHeap() int64 {
	least := heap()
	for range 2 {
		least = min(least, heap())
	}
	return least
}

func openByListener(t testing.TB) (*websocket.Conn, net.Conn) {
	client, server := tcpPairUncounted(t)
	return acceptQuietly(t, client, server), client
}

// openByHandler returns what opens connections to a net/http server.
func openByHandler(t testing.TB) func(testing.TB) (*websocket.Conn, net.Conn) {
	accepted := make(chan *websocket.Conn)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}))
	t.Cleanup(s.Close)
	return func(t testing.TB) (*websocket.Conn, net.Conn) {
		client, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		client.Write(wstest.GoodRequest().Bytes())
		c := <-accepted
		skipHead(t, client)
		return c, client
	}
}

func serveLoop(ctx context.Context, c *websocket.Conn) {
	c.Serve(ctx, func(ctx context.Context, typ websocket.MessageType, p []byte) error {
		return c.Write(ctx, typ, p)
	})
}

func readLoop(ctx context.Context, c *websocket.Conn) {
	for {
		typ, p, err := c.Read(ctx)
		if err != nil || c.Write(ctx, typ, p) != nil {
			return
		}
	}
}

func messagesLoop(ctx context.Context, c *websocket.Conn) {
	for m, err := range c.Messages(ctx) {
		if err != nil || c.Write(ctx, m.Type, m.Data) != nil {
			return
		}
	}
}
