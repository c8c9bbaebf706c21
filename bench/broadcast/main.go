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
	ratios := make(map[string][]float64)
	costs := make(map[string][]float64)
	for range *rounds {
		round := make(map[string]float64)
		for _, i := range rand.Perm(len(chosen)) {
			cost, err := m.run(chosen[i])
			if err != nil {
				log.Fatalf("%s: %v", chosen[i].name, err)
			}
			round[chosen[i].name] = cost
		}
		for name, cost := range round {
			costs[name] = append(costs[name], cost)
			ratios[name] = append(ratios[name], cost/round[limit])
		}
	}
	fmt.Printf("%d receivers, %d bytes, %d rounds of %d messages; CPU of the server per delivered message\n",
		m.receivers, m.size, *rounds, m.messages)
	for _, c := range chosen {
		r := ratios[c.name]
		slices.Sort(r)
		slices.Sort(costs[c.name])
		fmt.Printf("%-28s %6.2f µs   %5.2f of the limit [%.2f to %.2f]\n",
			c.name, median(costs[c.name]), median(r), r[0], r[len(r)-1])
	}
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
