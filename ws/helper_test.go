package ws_test

import (
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
)

// patience is the deadline of every connection in these tests: far beyond
// what they need, so that a defect fails a test instead of hanging it.
const patience = 10 * time.Second

var unhex = wstest.Unhex

// pattern returns n bytes that differ from their neighbours and from those a
// power of two away.
func pattern(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i*7 + i>>8*13 + 1)
	}
	return p
}

// wantAllocs fails the test unless f allocates want times.
func wantAllocs(t *testing.T, want float64, f func()) {
	t.Helper()
	if raceEnabled {
		return
	}
	if got := testing.AllocsPerRun(100, f); got != want {
		t.Errorf("got %v allocations, want %v", got, want)
	}
}

// leastAllocated returns how many bytes f allocates. What other goroutines
// allocate counts too, so it is the least of several runs.
func leastAllocated(f func()) uint64 {
	least := ^uint64(0)
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

// countingReader counts the reads and the bytes that reach R.
type countingReader struct {
	R     io.Reader
	Reads int
	Bytes int
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.R.Read(p)
	c.Reads++
	c.Bytes += n
	return n, err
}

// countingWriter keeps what each Write brought.
type countingWriter struct {
	Writes [][]byte
}

func (c *countingWriter) Write(p []byte) (int, error) {
	c.Writes = append(c.Writes, append([]byte{}, p...))
	return len(p), nil
}

// failingWriter fails every Write with Err, after its first Took bytes.
type failingWriter struct {
	Took int
	Err  error
}

func (f failingWriter) Write([]byte) (int, error) { return f.Took, f.Err }

// tcpPair returns the two ends of a TCP connection over loopback.
func tcpPair(t testing.TB) (client, server *net.TCPConn) {
	t.Helper()
	c, s := connPair(t, "tcp", "127.0.0.1:0")
	return c.(*net.TCPConn), s.(*net.TCPConn)
}

// connPair returns the two ends of a connection over network, closed when the
// test ends.
func connPair(t testing.TB, network, address string) (client, server net.Conn) {
	t.Helper()
	ln, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, _ := ln.Accept()
		accepted <- conn
	}()
	client, err = net.DialTimeout(network, ln.Addr().String(), patience)
	if err != nil {
		t.Fatal(err)
	}
	if server = <-accepted; server == nil {
		t.Fatal("the listener accepted nothing")
	}
	for _, conn := range []net.Conn{client, server} {
		conn.SetDeadline(time.Now().Add(patience))
		t.Cleanup(func() { conn.Close() })
	}
	return client, server
}
