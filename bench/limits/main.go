// Command limits measures what a connection may cost at most: it uses up each limit
// on each shell, all with their default limits, and writes its part of
// docs/limits.md. It runs in the folder bench of the repository.
//
//	go run ./limits -out ../docs/limits.md
package main

import (
	"flag"
	"fmt"
	"log"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wirews/wirews/bench/internal/page"
)

// partName is the part of docs/limits.md that this command makes.
const partName = "make limits"

func main() {
	log.SetFlags(0)
	out := flag.String("out", "/dev/stdout", "`file` to write the page into; other parts of it stay")
	long := flag.Duration("duration", 300*time.Millisecond, "CPU `time` for each figure")
	flag.Parse()
	var b strings.Builder
	fmt.Fprintf(&b, `Measured with the default limits of each: the heap that a connection holds when the limit is used up and nothing more comes, by how many
bytes of the peer's, and the CPU time that it takes to get there, with the handshake. The bytes come from memory, so no kernel is in it. It is
the heap without its garbage, of which there may be as much again. %s, by `+"`make limits`"+`.

| used up | %s |
|---|%s
`, runtime.Version(), shellNames(), strings.Repeat("---|", len(shells)))
	for _, u := range uses {
		fmt.Fprintf(&b, "| %s |", u.name)
		for _, s := range shells {
			m := measure(s, u, *long)
			fmt.Fprintf(&b, " %s by %s, %s |", size(m.held), size(m.sent), brief(m.cpu))
			log.Printf("%s, %s: %s of %s, %v", u.name, s.name, size(m.held), size(m.sent), m.cpu)
		}
		b.WriteString("\n")
	}
	if err := page.Write(*out, partName, b.String()); err != nil {
		log.Fatal(err)
	}
}

func shellNames() string {
	var all []string
	for _, s := range shells {
		all = append(all, s.name)
	}
	return strings.Join(all, " | ")
}

// size writes a number of bytes.
func size(n int64) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}

// brief writes a time with two digits at least.
func brief(d time.Duration) string {
	switch {
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d >= time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/1e6)
	case d >= 10*time.Microsecond:
		return fmt.Sprintf("%d us", d.Microseconds())
	}
	return fmt.Sprintf("%.1f us", float64(d)/1e3)
}

// measured is what a connection has cost.
type measured struct {
	sent, held int64
	cpu        time.Duration
}

// measure uses a limit up: once to look at the heap, and often for the CPU time.
func measure(s shell, u use, long time.Duration) (m measured) {
	sent := u.bytes(s)
	held(s, u, sent) // what is made once for all connections
	m.sent, m.held = int64(len(sent)), held(s, u, sent)
	n := 0
	begin := cpu()
	for cpu()-begin < long {
		f := newFeed(sent)
		close(f.over)
		s.serve(f, u.deflated)
		n++
	}
	m.cpu = ((cpu() - begin) / time.Duration(n)).Round(100 * time.Nanosecond)
	return m
}

// held returns the heap of a connection that has got all and waits for more.
func held(s shell, u use, sent []byte) int64 {
	before := heap()
	f := newFeed(sent)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.serve(f, u.deflated)
	}()
	<-f.waiting
	n := heap() - before
	close(f.over)
	<-done
	return max(0, n)
}

func heap() int64 {
	var m runtime.MemStats
	for range 3 {
		runtime.GC() // a pool outlives one
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// cpu is the CPU time of this process.
func cpu() time.Duration {
	var t unix.Timespec
	unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t)
	return time.Duration(t.Nano())
}
