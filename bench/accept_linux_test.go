package bench_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"
	"golang.org/x/sys/unix"

	"github.com/wirews/wirews/bench/internal/measure"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
)

// accepting is a server behind net/http: it takes a connection and reads until
// the client has gone.
type accepting struct {
	name   string
	accept http.HandlerFunc
	cpu    []time.Duration // per handshake, a round each
	addr   unix.SockaddrInet4
	done   atomic.Int32
}

var gorillaUpgrader gorilla.Upgrader

func acceptors() []*accepting {
	return []*accepting{
		{name: "gorilla", accept: func(w http.ResponseWriter, r *http.Request) {
			c, err := gorillaUpgrader.Upgrade(w, r, nil)
			if err != nil {
				panic(err)
			}
			c.ReadMessage()
			c.Close()
		}},
		{name: "wirews", accept: func(w http.ResponseWriter, r *http.Request) {
			c, err := websocket.Accept(w, r, nil)
			if err != nil {
				panic(err)
			}
			c.Read(context.Background())
			c.CloseNow()
		}},
		{name: "wirews-Serve", accept: func(w http.ResponseWriter, r *http.Request) {
			c, err := websocket.Accept(w, r, nil)
			if err != nil {
				panic(err)
			}
			c.Serve(context.Background(), func(context.Context, websocket.MessageType, []byte) error { return nil })
			c.CloseNow()
		}},
		{name: "coder", accept: func(w http.ResponseWriter, r *http.Request) {
			c, err := coder.Accept(w, r, nil)
			if err != nil {
				panic(err)
			}
			c.Read(context.Background())
			c.CloseNow()
		}},
	}
}

// BenchmarkAccept is a handshake behind net/http over loopback, and the end of
// its connection: the processor time of the server. An operation is a round of
// handshakes with each library in turn, so that whatever else this machine does
// meets all of them. Metrics are medians of rounds; ratios are those of the
// same round to gorilla, with the quartiles.
func BenchmarkAccept(b *testing.B) {
	const handshakes = 400
	// The client has a thread of its own, whose time is not counted.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	libs := acceptors()
	for _, lib := range libs {
		defer lib.listen(b)()
		lib.round(b, handshakes) // warms up
	}
	for _, lib := range libs {
		lib.cpu = lib.cpu[:0]
	}
	for b.Loop() {
		for _, lib := range libs {
			lib.round(b, handshakes)
		}
	}
	for _, lib := range libs {
		ratios := make([]float64, len(lib.cpu))
		for i := range ratios {
			ratios[i] = float64(lib.cpu[i]) / float64(libs[0].cpu[i])
		}
		slices.Sort(ratios)
		slices.Sort(lib.cpu)
		n := len(ratios)
		b.ReportMetric(float64(lib.cpu[n/2])/1e3, lib.name+"-µs")
		b.ReportMetric(ratios[n/2], lib.name+"-ratio")
		b.Logf("%-12s %6.1f µs, minimum %6.1f; to gorilla %.2f (%.2f to %.2f), minima %.2f", lib.name,
			float64(lib.cpu[n/2])/1e3, float64(lib.cpu[0])/1e3, ratios[n/2], ratios[n/4], ratios[n*3/4], float64(lib.cpu[0])/float64(libs[0].cpu[0]))
	}
}

// listen starts the server, and returns what ends it.
func (a *accepting) listen(b *testing.B) (end func()) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	a.addr = unix.SockaddrInet4{Port: l.Addr().(*net.TCPAddr).Port, Addr: [4]byte{127, 0, 0, 1}}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.accept(w, r)
		a.done.Add(1)
	})}
	go s.Serve(l)
	return func() { s.Close() }
}

// round opens so many connections, one after another.
func (a *accepting) round(b *testing.B, n int) {
	start := measure.CPUTime() - threadTime()
	a.done.Store(0)
	for range n {
		if err := a.handshake(); err != nil {
			b.Fatal(a.name, err)
		}
	}
	wstest.Until(b, "all are accepted", func() bool { return a.done.Load() >= int32(n) })
	a.cpu = append(a.cpu, (measure.CPUTime()-threadTime()-start)/time.Duration(n))
}

var (
	request  = []byte(chrome)
	response [4 << 10]byte
)

func (a *accepting) handshake() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, &a.addr); err != nil {
		return err
	}
	if _, err := unix.Write(fd, request); err != nil {
		return err
	}
	n, err := unix.Read(fd, response[:])
	if err == nil && string(response[9:12]) != "101" {
		err = fmt.Errorf("%q", response[:n])
	}
	return err
}

// threadTime is measure.CPUTime of this thread.
func threadTime() time.Duration {
	var use unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &use); err != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
