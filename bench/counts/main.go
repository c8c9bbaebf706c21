// Command counts holds what the library does against a baseline, by counting and
// not by timing, so that the machine makes no difference: allocations, reads and
// writes for a message, instructions for an operation, as valgrind's callgrind
// counts them, and over TCP the calls of the system that strace sees.
//
// Every figure is the difference between doing an operation many times and doing
// it some times, so that what happens once is no part of it.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

func main() {
	baseline := flag.String("baseline", "counts/baseline.txt", "`file` to compare with")
	update := flag.Bool("update", false, "write the baseline instead")
	name := flag.String("op", "", "do just this operation, and count nothing")
	n := flag.Int("n", 0, "with -op, how many times")
	flag.Parse()
	if *name != "" {
		for _, o := range operations {
			if o.name == *name {
				runCounted(o, *n)
			}
		}
		return
	}
	got, err := countAll()
	if err != nil {
		log.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(*baseline, []byte(format(got)), 0o666); err != nil {
			log.Fatal(err)
		}
		return
	}
	want, err := parse(*baseline)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(format(got))
	worse := compare(got, want, func(line string) { fmt.Println(line) })
	if worse > 0 {
		log.Fatalf("%d counts are worse than %s; go run ./counts -update takes them as they are", worse, *baseline)
	}
}

// counts are those of one operation.
type counts struct {
	name                  string
	allocs, reads, writes float64
	calls                 float64 // of the system
	instructions          float64
}

// countAll counts every operation.
func countAll() (all []counts, err error) {
	debug.SetGCPercent(-1) // which would empty pools now and then
	for _, o := range operations {
		c := counts{name: o.name}
		few, many := o.times, 3*o.times
		o.do(few) // fills the pools
		a, b := measure(o, few), measure(o, many)
		per := float64(many - few)
		// The runtime allocates for itself too, now in this run and now in that.
		c.allocs = max(0, float64(b.allocs)-float64(a.allocs)) / per
		c.reads, c.writes = float64(b.reads-a.reads)/per, float64(b.writes-a.writes)/per
		if o.tcp {
			c.calls, err = least(1, systemCalls, o.name, few, many)
		} else {
			c.instructions, err = least(rounds, instructions, o.name, few, many)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, c)
		runtime.GC()
	}
	return all, nil
}

// rounds is how often instructions are counted: the runtime keeps the methods of
// interfaces in a cache with a random hash, and a miss costs a hundred of them.
const rounds = 3

// least returns the minimum of some counts of one operation.
func least(rounds int, count func(name string, n int) (int64, error), name string, few, many int) (minimum float64, err error) {
	for i := range rounds {
		less, err := count(name, few)
		if err != nil {
			return 0, err
		}
		more, err := count(name, many)
		if err != nil {
			return 0, err
		}
		if each := float64(more-less) / float64(many-few); i == 0 || each < minimum {
			minimum = each
		}
	}
	return minimum, nil
}

type sum struct {
	allocs        uint64
	reads, writes int
}

func measure(o operation, n int) (s sum) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.reads, s.writes = o.do(n)
	runtime.ReadMemStats(&after)
	s.allocs = after.Mallocs - before.Mallocs
	return s
}

const heading = "# operation, allocations, reads, writes, system calls, instructions"

func format(all []counts) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s, %s/%s\n%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, heading)
	for _, c := range all {
		fmt.Fprintf(&b, "%-28s %8.2f %8.2f %8.2f %8.2f %10.0f\n", c.name, c.allocs, c.reads, c.writes, c.calls, c.instructions)
	}
	return b.String()
}

func parse(file string) (map[string]counts, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all := make(map[string]counts)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		var c counts
		if _, err := fmt.Sscan(lines.Text(), &c.name, &c.allocs, &c.reads, &c.writes, &c.calls, &c.instructions); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", file, lines.Text(), err)
		}
		all[c.name] = c
	}
	return all, nil
}

// What may be more than the baseline: instructions differ a little from run to
// run, by what the scheduler does. The others do not.
const (
	moreInstructions = 1.03
	fewInstructions  = 5 // an operation of some dozen may take so many more
	rounding         = 0.011
	onTCP            = 0.1 // the runtime allocates for itself, and these are few
)

// compare reports what is worse than it was, and what is much better, so that
// the baseline should follow. It returns how much is worse.
func compare(got []counts, want map[string]counts, say func(string)) (worse int) {
	for _, g := range got {
		w, ok := want[g.name]
		if !ok {
			worse++
			say(g.name + ": not in the baseline")
			continue
		}
		delete(want, g.name)
		rounding := rounding
		if g.calls > 0 {
			rounding = onTCP
		}
		for _, c := range []struct {
			what             string
			got, want, limit float64
		}{
			{"allocations", g.allocs, w.allocs, w.allocs + rounding},
			{"reads", g.reads, w.reads, w.reads + rounding},
			{"writes", g.writes, w.writes, w.writes + rounding},
			{"system calls", g.calls, w.calls, w.calls + rounding},
			{"instructions", g.instructions, w.instructions, max(w.instructions*moreInstructions, w.instructions+fewInstructions)},
		} {
			switch {
			case c.got > c.limit:
				worse++
				say(fmt.Sprintf("WORSE: %s: %.2f %s, the baseline has %.2f", g.name, c.got, c.what, c.want))
			case c.limit-c.want < c.want-c.got:
				say(fmt.Sprintf("better: %s: %.2f %s, the baseline has %.2f", g.name, c.got, c.what, c.want))
			}
		}
	}
	for name := range want {
		worse++
		say(name + ": in the baseline, and not counted any more")
	}
	return worse
}
