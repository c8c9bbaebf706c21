package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// resultsFile has a result in each line.
const resultsFile = "results.jsonl"

// result is what fuzzing a target for once has given.
type result struct {
	Package, Target string
	Inputs          int     // that were tried
	New             int     // that reached something new
	Seconds         float64 // that it took
	CPU             float64 // seconds of CPU time
	Failed          bool
}

func appendResult(file string, r result) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	return json.NewEncoder(f).Encode(r)
}

func readResults(file string) (all []result, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var r result
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, r)
	}
	return all, lines.Err()
}

// sum is what all runs of a target have given together.
type sum struct {
	result
	failures int
}

// sums adds the results of each target up, in the order in which they come first.
func sums(all []result) (list []*sum) {
	of := make(map[[2]string]*sum)
	for _, r := range all {
		key := [2]string{r.Package, r.Target}
		s := of[key]
		if s == nil {
			s = &sum{result: result{Package: r.Package, Target: r.Target}}
			of[key] = s
			list = append(list, s)
		}
		s.add(r)
	}
	return list
}

func (s *sum) add(r result) {
	s.Inputs += r.Inputs
	s.New += r.New
	s.Seconds += r.Seconds
	s.CPU += r.CPU
	if r.Failed {
		s.failures++
	}
}

// table writes what a page says of the results.
func table(all []result) string {
	var b strings.Builder
	list := sums(all)
	var total sum
	for _, r := range all {
		total.add(r)
	}
	fmt.Fprintf(&b, "%d targets, %s of CPU time in %s, %s inputs, %d failures; %s.\n\n",
		len(list), span(total.CPU), span(total.Seconds), thousands(total.Inputs), total.failures, runtime.Version())
	b.WriteString("| package | target | inputs | CPU time | new | failures |\n|---|---|---|---|---|---|\n")
	for _, s := range list {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %d | %d |\n", s.Package, s.Target, thousands(s.Inputs), span(s.CPU), s.New, s.failures)
	}
	return b.String()
}

// span writes a number of seconds.
func span(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second)).Round(time.Second)
	if d < time.Hour {
		return d.String()
	}
	return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
}

// thousands writes n with commas.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
