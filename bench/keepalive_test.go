package bench_test

import (
	"context"
	"io"
	"net"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wirews/wirews/bench/internal/measure"
	"github.com/wirews/wirews/websocket"
)

// quietConn is a connection in memory, to a client that says nothing but answers
// pings.
type quietConn struct {
	net.Conn // nil: nothing else is called
	all      *pinged
	pong     chan struct{}
}

// pinged counts pings, and tells whenever each connection has been sent one more.
type pinged struct {
	conns, pings atomic.Int64
	round        chan struct{}
}

var pongOfAClient = []byte{0x8a, 0x80, 1, 2, 3, 4} // RFC 6455, 5.5.3: masked, and empty

func (c *quietConn) Read(p []byte) (int, error) {
	if _, ok := <-c.pong; !ok {
		return 0, io.EOF
	}
	return copy(p, pongOfAClient), nil
}

func (c *quietConn) Write(p []byte) (int, error) {
	if len(p) == 2 && p[0] == 0x89 {
		c.pong <- struct{}{}
		if c.all.pings.Add(1)%c.all.conns.Load() == 0 {
			c.all.round <- struct{}{}
		}
	}
	return len(p), nil
}

func (c *quietConn) Close() error                   { close(c.pong); return nil }
func (*quietConn) SetDeadline(time.Time) error      { return nil }
func (*quietConn) SetReadDeadline(time.Time) error  { return nil }
func (*quietConn) SetWriteDeadline(time.Time) error { return nil }

// BenchmarkKeepAlive is what it costs to find out whether 100,000 silent clients are
// still there: the processor's time for a ping and its pong, that for a minute with a
// ping every 15 seconds, and the memory of a connection, with its goroutine and what
// stands for its socket here. The network is not in it.
func BenchmarkKeepAlive(b *testing.B) {
	if testing.Short() {
		b.Skip("it takes a minute")
	}
	const conns = 100_000
	const interval = 15 * time.Second
	for _, kept := range []bool{false, true} {
		name := "without"
		var opts websocket.AcceptOptions
		if kept {
			name = "every 15s"
			opts.KeepAlive = websocket.KeepAlive{Interval: interval}
		}
		b.Run(name, func(b *testing.B) {
			all := &pinged{round: make(chan struct{}, 1000)}
			all.conns.Store(conns)
			before := memoryInUse()
			open := make([]*websocket.Conn, conns)
			for i := range open {
				c, err := websocket.New(&quietConn{all: all, pong: make(chan struct{}, 1)}, websocket.Params{Options: &opts})
				if err != nil {
					b.Fatal(err)
				}
				open[i] = c
				go c.Read(context.Background())
			}
			wait := func() { <-time.After(interval) }
			if kept {
				wait = func() { <-all.round }
			}
			wait() // the first pings make what is needed for all others
			held := memoryInUse() - before
			for b.Loop() {
				cpu := measure.CPUTime()
				wait()
				used := measure.CPUTime() - cpu
				if kept {
					b.ReportMetric(float64(used.Nanoseconds())/conns, "cpu-ns/ping")
				}
				b.ReportMetric(used.Seconds()*float64(time.Minute/interval), "cpu-s/min")
			}
			b.ReportMetric(float64(held)/conns, "B/conn")
			for _, c := range open {
				c.CloseNow()
			}
		})
	}
}

// memoryInUse returns the bytes of heap and stacks that are in use.
func memoryInUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
