// Command broadcast measures what it costs to send one message to many: the CPU
// time of the server's process for each delivered message, of ours and of other
// libraries, as a ratio to a loop of writes of the ready frame to plain
// connections. The receivers live in a process of their own.
//
// In each round every contender gets new connections and sends the message a
// number of times, each time until all have received it. It runs on Linux and other
// unix systems, and needs two descriptors a receiver.
//
//	go run ./broadcast -receivers 5000 -rounds 7
//	make bench-broadcast
//
// With -stalled it measures ours alone, with receivers that take nothing: how late
// the others get a message, and what waits.
//
//	go run ./broadcast -receivers 5000 -stalled 50
//	go run ./broadcast -receivers 9000 -stalled 9000 -own -size 1024 -messages 100 -bound 16384
package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wirews/wirews/bench/internal/page"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("broadcast: ")
	var m measurement
	addr := flag.String("receive", "", "be the receivers of the server at this address")
	only := flag.String("only", "", "contenders to measure besides the limit, comma-separated; all if empty")
	flag.IntVar(&m.receivers, "receivers", 5000, "connections")
	flag.IntVar(&m.size, "size", 128, "bytes of payload")
	flag.IntVar(&m.messages, "messages", 20, "messages in a round")
	flag.IntVar(&m.stalled, "stalled", 0, "receivers that take nothing")
	flag.IntVar(&m.bound, "bound", 64<<10, "bytes that may wait for each, with -stalled")
	flag.BoolVar(&m.own, "own", false, "each receiver gets a message of its own, with -stalled")
	rounds := flag.Int("rounds", 7, "rounds")
	out := flag.String("out", "", "page to write the result into")
	flag.Parse()
	if *addr != "" {
		receive(*addr, m)
		return
	}
	if m.stalled > 0 {
		if err := measureStalled(m); err != nil {
			log.Fatal(err)
		}
		return
	}
	chosen := slices.DeleteFunc(slices.Clone(contenders), func(c contender) bool {
		return *only != "" && c.name != limit && !slices.Contains(strings.Split(*only, ","), c.name)
	})
	results, err := m.compare(chosen, *rounds)
	if err != nil {
		log.Fatal(err)
	}
	text := m.table(results, *rounds)
	fmt.Print(text)
	if *out != "" {
		if err := page.Write(*out, partName, "## One message to many\n\n"+text+"\n"); err != nil {
			log.Fatal(err)
		}
	}
}

// partName is the command that makes this part of docs/performance.md.
const partName = "make bench-broadcast"

// result is what the rounds of a contender have cost: microseconds of CPU time for
// each delivered message, and that as a ratio to the limit in the same round.
type result struct {
	name          string
	costs, ratios []float64
}

func (m measurement) compare(chosen []contender, rounds int) ([]result, error) {
	results := make([]result, len(chosen))
	for range rounds {
		costs := make([]float64, len(chosen))
		for _, i := range rand.Perm(len(chosen)) {
			cost, err := m.run(chosen[i])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", chosen[i].name, err)
			}
			costs[i] = cost
		}
		for i, cost := range costs {
			r := &results[i]
			r.name = chosen[i].name
			r.costs = append(r.costs, cost)
			r.ratios = append(r.ratios, cost/costs[0]) // the limit is the first
		}
	}
	return results, nil
}

// table returns the results in Markdown.
func (m measurement) table(results []result, rounds int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d receivers in a process of their own, %d bytes, %d rounds of %d messages. CPU time of the server for each\n"+
		"delivered message, and as a ratio to writes of the ready frame in the same round: median, least and most.\n\n", m.receivers, m.size, rounds, m.messages)
	b.WriteString("| | µs | ratio |\n|---|---|---|\n")
	for _, r := range results {
		slices.Sort(r.costs)
		slices.Sort(r.ratios)
		fmt.Fprintf(&b, "| %s | %.2f | %.2f [%.2f to %.2f] |\n", r.name, median(r.costs), median(r.ratios), r.ratios[0], r.ratios[len(r.ratios)-1])
	}
	return b.String()
}

func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// measurement is what one round of one contender consists of.
type measurement struct {
	receivers, size, messages int
	stalled, bound            int
	own                       bool
}

// run returns the CPU time for each delivered message in microseconds.
func (m measurement) run(c contender) (float64, error) {
	s, err := listen()
	if err != nil {
		return 0, err
	}
	defer s.close()
	group := c.start(s)
	receivers, err := startReceivers(s.addr(), m)
	if err != nil {
		return 0, err
	}
	defer receivers.stop()
	if err := s.await(m.receivers); err != nil {
		return 0, err
	}
	send := group(stamped(m.size))
	begun := processTime()
	for range m.messages {
		send()
		if err := receivers.await(m.receivers * (headSize(m.size) + m.size)); err != nil {
			return 0, err
		}
	}
	used := processTime() - begun
	return float64(used.Nanoseconds()) / 1e3 / float64(m.messages*m.receivers), nil
}

// headSize returns how long the header of a server's frame is.
func headSize(payload int) int {
	switch {
	case payload < 126:
		return 2
	case payload < 1<<16:
		return 4
	}
	return 10
}

func processTime() time.Duration {
	var use unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &use); err != nil {
		log.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// executable is this program.
func executable() string {
	path, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	return path
}
