package wsutil_test

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"runtime/metrics"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/wsutil"
)

// idle is a connection of which nothing ever comes: Read waits until released
// is closed.
type idle struct {
	waiting  *sync.WaitGroup
	released chan struct{}
}

func (c *idle) Read([]byte) (int, error) {
	c.waiting.Done()
	<-c.released
	return 0, io.EOF
}

func (c *idle) Write(p []byte) (int, error) { return len(p), nil }

// heap returns the bytes that live objects take.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// bare is memory for Reads that hold none of their own.
var bare [1]byte

// #146: 34,835 connections that waited in a helper of another library held
// 14 GiB. The rest of what a waiting goroutine holds, its stack above all, is
// not ours: what counts is the difference to as many goroutines in a Read.
func TestReadDataHoldsLittleWhileItWaits_146(t *testing.T) {
	n := blocked()
	measure := func(read func(rw io.ReadWriter)) int64 {
		conns := make([]*idle, n)
		var waiting, done sync.WaitGroup
		released := make(chan struct{})
		for i := range conns {
			conns[i] = &idle{&waiting, released}
		}
		before := heap()
		waiting.Add(n)
		for _, c := range conns {
			done.Go(func() { read(c) })
		}
		waiting.Wait()
		held := heap() - before
		close(released)
		done.Wait()
		runtime.KeepAlive(conns)
		return held
	}
	inRead := func(rw io.ReadWriter) { rw.Read(bare[:]) }
	inHelper := func(rw io.ReadWriter) { wsutil.ReadClientData(rw) }
	wantHeld(t, n, 32, func() int64 { return measure(inHelper) }, func() int64 { return measure(inRead) })
}

// wantHeld fails the test unless each of n blocked reads holds at most that
// many bytes more in one way than in another. It is the minimum of three runs, or
// of ten where three are not enough: the runtime keeps what a goroutine has taken
// once, and takes a little more in one run than in another, above all on a machine
// that is busy.
func wantHeld(t *testing.T, n int, most float64, inHelper, inRead func() int64) {
	t.Helper()
	inHelper()
	held, base := inHelper(), inRead()
	own := func() float64 { return float64(held-base) / float64(n) }
	for run := 1; run < 3 || run < 10 && own() > most; run++ {
		held, base = min(held, inHelper()), min(base, inRead())
	}
	t.Logf("%d blocked reads hold %.1f bytes each of their own", n, own())
	if own() > most && !raceEnabled {
		t.Errorf("a blocked read holds %.1f bytes, want at most %v", own(), most)
	}
}

func TestReadDataHoldsNothingWhileItWaitsForTCP_146(t *testing.T) {
	n := wstest.Connections(t, 100, blocked())
	clients, servers := idlePairs(t, n)
	bare := make([][2]byte, n)
	measure := func(read func(c *net.TCPConn, p []byte)) int64 {
		var done sync.WaitGroup
		before, parked := heap(), waitingGoroutines()
		for i, c := range servers {
			done.Go(func() { read(c, bare[i][:]) })
		}
		waitUntilParked(parked + n)
		held := heap() - before
		for _, c := range clients {
			c.Write([]byte{0x81, 0x00}) // not masked: the helper gives up
		}
		done.Wait()
		return held
	}
	inRead := func(c *net.TCPConn, p []byte) { c.Read(p) }
	inHelper := func(c *net.TCPConn, _ []byte) { wsutil.ReadClientData(c) }
	// The 8 bytes are for the runtime, whose own share differs from run to run.
	wantHeld(t, n, 8, func() int64 { return measure(inHelper) }, func() int64 { return measure(inRead) })
}

// blocked is how many reads to block: the race detector knows 8128 goroutines.
func blocked() int {
	if raceEnabled || testing.Short() {
		return 1000
	}
	return 10000
}

// waitingGoroutines returns how many goroutines wait for something.
func waitingGoroutines() int {
	s := []metrics.Sample{{Name: "/sched/goroutines/waiting:goroutines"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		panic(fmt.Sprintf("no metric %s", s[0].Name))
	}
	return int(s[0].Value.Uint64())
}

// waitUntilParked waits until n goroutines wait for something.
func waitUntilParked(n int) {
	for waitingGoroutines() < n {
		runtime.Gosched()
	}
}

// idlePairs returns connections that leave nothing behind when they are
// closed: thousands of them would use up the ports.
func idlePairs(t *testing.T, n int) (clients, servers []*net.TCPConn) {
	ln, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	ln.SetDeadline(time.Now().Add(patience))
	for range n {
		client, err := net.DialTCP("tcp", nil, ln.Addr().(*net.TCPAddr))
		if err != nil {
			t.Fatal(err)
		}
		server, err := ln.AcceptTCP()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []*net.TCPConn{client, server} {
			c.SetLinger(0)
			t.Cleanup(func() { c.Close() })
		}
		clients, servers = append(clients, client), append(servers, server)
	}
	return clients, servers
}
