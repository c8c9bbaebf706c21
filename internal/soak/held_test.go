package soak

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
)

// patience is how long a round may last, and how long what has ended may take to be
// gone. Only what hangs lasts so long.
const patience = 5 * time.Minute

// held is what the process holds.
type held struct {
	goroutines  int
	descriptors int // where the system lists them
	heap        uint64
}

func (h held) String() string {
	return fmt.Sprintf("%d goroutines, %d descriptors, %.1f MiB of heap", h.goroutines, h.descriptors, float64(h.heap)/(1<<20))
}

func holds() (h held) {
	var m runtime.MemStats
	for range 3 {
		runtime.GC() // a pool outlives one
	}
	runtime.ReadMemStats(&m)
	h.heap, h.goroutines = m.HeapAlloc, runtime.NumGoroutine()
	if list, err := os.ReadDir("/proc/self/fd"); err == nil {
		h.descriptors = len(list)
	}
	return h
}

// atFirst is what is held before anything has happened but what a process does once.
func atFirst(t *testing.T) held {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	return holds()
}

// settle waits until no more is held than there was, and returns what it is.
func settle(before held) (h held) {
	wstest.Poll(patience/5, func() bool {
		h = holds()
		return h.goroutines <= before.goroutines && h.descriptors <= before.descriptors
	})
	return h
}

func stacks() []byte {
	b := make([]byte, 1<<20)
	return b[:runtime.Stack(b, true)]
}
