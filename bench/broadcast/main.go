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
// With -talkers clients all send something to all; make bench-chat does so.
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
	"strconv"
	"strings"
	"time"

	"github.com/wirews/wirews/bench/internal/measure"
	"github.com/wirews/wirews/bench/internal/page"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("broadcast: ")
	var m measurement
	addr := flag.String("receive", "", "be the receivers of the server at this address")
	only := flag.String("only", "", "contenders to measure besides the limit, comma-separated; all if empty")
	receivers := flag.String("receivers", "1,100,10000", "connections, one number or several, each for a column")
	flag.IntVar(&m.size, "size", 128, "bytes of payload")
	flag.IntVar(&m.messages, "messages", 10, "messages in a round at least; more if that makes fewer than 20,000 deliveries")
	flag.IntVar(&m.stalled, "stalled", 0, "receivers that take nothing")
	flag.IntVar(&m.bound, "bound", 64<<10, "bytes that may wait for each, with -stalled")
	flag.BoolVar(&m.own, "own", false, "each receiver gets a message of its own, with -stalled")
	talkers := flag.Int("talkers", 0, "measure this many clients that all send to all instead")
	rounds := flag.Int("rounds", 7, "rounds")
	out := flag.String("out", "", "page to write the result into")
	flag.Parse()
	sizes := numbers(*receivers)
	m.receivers = sizes[len(sizes)-1]
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
	if *talkers > 0 {
		if err := measureChats(*talkers, m.messages, *rounds, *out); err != nil {
			log.Fatal(err)
		}
		return
	}
	chosen := slices.DeleteFunc(slices.Clone(contenders), func(c contender) bool {
		return *only != "" && c.name != limit && !slices.Contains(strings.Split(*only, ","), c.name)
	})
	var columns []column
	for _, n := range sizes {
		m := m
		m.receivers = n
		m.messages = max(m.messages, 20_000/n)
		results, err := m.compare(chosen, *rounds)
		if err != nil {
			log.Fatal(err)
		}
		columns = append(columns, column{n, results})
	}
	text := m.table(columns, *rounds)
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
	return compare(len(chosen), rounds, func(i int) (string, float64, error) {
		cost, err := m.run(chosen[i])
		return chosen[i].name, cost, err
	})
}

// compare measures n contenders, in another order in each round. The first is the
// limit.
func compare(n, rounds int, run func(i int) (name string, cost float64, err error)) ([]result, error) {
	results := make([]result, n)
	for range rounds {
		costs := make([]float64, n)
		for _, i := range rand.Perm(n) {
			name, cost, err := run(i)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			results[i].name, costs[i] = name, cost
		}
		for i, cost := range costs {
			r := &results[i]
			r.costs = append(r.costs, cost)
			r.ratios = append(r.ratios, cost/costs[0])
		}
	}
	return results, nil
}

// column is the results for a number of receivers.
type column struct {
	receivers int
	results   []result
}

// table returns the results in Markdown.
func (m measurement) table(columns []column, rounds int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Receivers in a process of their own, %d bytes, %d rounds of %d messages or 20,000 deliveries. CPU time of the server for each\n"+
		"delivered message, in µs, and as a ratio to writes of the ready frame in the same round: medians, and the least and the most ratio.\n\n| |", m.size, rounds, m.messages)
	for _, c := range columns {
		fmt.Fprintf(&b, " %d receivers: µs | ratio |", c.receivers)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|---|", len(columns)) + "\n")
	for i, first := range columns[0].results {
		fmt.Fprintf(&b, "| %s |", first.name)
		for _, c := range columns {
			r := c.results[i]
			slices.Sort(r.ratios)
			fmt.Fprintf(&b, " %.2f | %.2f [%.2f to %.2f] |", measure.Median(r.costs), measure.Median(r.ratios), r.ratios[0], r.ratios[len(r.ratios)-1])
		}
		b.WriteString("\n")
	}
	return b.String()
}

// numbers returns those of a list with commas.
func numbers(list string) (all []int) {
	for s := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 1 {
			log.Fatalf("-receivers: %q is no number of receivers", s)
		}
		all = append(all, n)
	}
	return all
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
	size := m.size + c.more
	asking, err := m.time(receivers, 0, func() {})
	if err != nil {
		return 0, err
	}
	used, err := m.time(receivers, m.receivers*(headSize(size)+size), send)
	if err != nil {
		return 0, err
	}
	return float64((used - asking).Nanoseconds()) / 1e3 / float64(m.messages*m.receivers), nil
}

// time returns the CPU time of a round: each time, send is called and so many bytes are
// awaited.
func (m measurement) time(r *receivers, bytes int, send func()) (time.Duration, error) {
	begun := measure.CPUTime()
	for range m.messages {
		send()
		if err := r.await(bytes); err != nil {
			return 0, err
		}
	}
	return measure.CPUTime() - begun, nil
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

// executable is this program.
func executable() string {
	path, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	return path
}
