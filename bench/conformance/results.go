package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/wirews/wirews/autobahn"
)

// verdict is what a case came to.
type verdict struct{ behavior, closing autobahn.Behavior }

func verdictOf(r *autobahn.Result) verdict { return verdict{r.Behavior, r.BehaviorClose} }

var fine = verdict{autobahn.OK, autobahn.OK}

func (v verdict) line(pattern string) string {
	s := fmt.Sprintf("%s, %s", pattern, v.behavior)
	if v.closing != autobahn.OK {
		s += fmt.Sprintf(", %s", v.closing)
	}
	return s + "\n"
}

// expectedOf writes results as expected ones. A part whose verdicts are all the
// same, and not OK, is one line.
func expectedOf(results []*autobahn.Result) string {
	var b strings.Builder
	for i := 0; i < len(results); {
		prefix := part(results[i].Case)
		end := i
		same := true
		for ; end < len(results) && part(results[end].Case) == prefix; end++ {
			same = same && verdictOf(results[end]) == verdictOf(results[i])
		}
		if v := verdictOf(results[i]); same && end-i > 1 && strings.Count(results[i].Case, ".") > 1 {
			if v != fine {
				b.WriteString(v.line(prefix + ".*"))
			}
		} else {
			for _, r := range results[i:end] {
				if v := verdictOf(r); v != fine {
					b.WriteString(v.line(r.Case))
				}
			}
		}
		i = end
	}
	return b.String()
}

// part returns a case's number without its last component.
func part(id string) string { return id[:strings.LastIndexByte(id, '.')] }

func counts(results []*autobahn.Result) string {
	n := make(map[autobahn.Behavior]int)
	closing := 0
	for _, r := range results {
		n[r.Behavior]++
		if r.Behavior != autobahn.Failed && !r.Passed() {
			closing++
		}
	}
	s := fmt.Sprintf("%d cases", len(results))
	for _, b := range []autobahn.Behavior{autobahn.OK, autobahn.NonStrict, autobahn.Informational, autobahn.Unimplemented, autobahn.Failed} {
		if n[b] > 0 {
			s += fmt.Sprintf(", %d %s", n[b], b)
		}
	}
	if closing > 0 {
		s += fmt.Sprintf(", %d closed badly", closing)
	}
	return s
}

// printTable prints a line for each peer and role: of the original's cases and
// of ours, how many passed, and which sections did not pass as a whole.
func printTable(w io.Writer, runs []run) {
	fmt.Fprintln(w, "| implementation | version | role | original | ours | not OK |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, r := range runs {
		original, own := tally{}, tally{}
		var wrong []string
		for _, result := range r.results {
			t := &original
			if number(result.Case) >= 20 {
				t = &own
			}
			t.add(result)
		}
		for _, line := range strings.Split(strings.TrimSpace(expectedOf(r.results)), "\n") {
			pattern, verdicts, _ := strings.Cut(line, ", ")
			if pattern != "" && !strings.HasPrefix(verdicts, string(autobahn.Informational)) {
				wrong = append(wrong, pattern)
			}
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s |\n", r.peer.label, r.peer.version(), r.role, original, own, strings.Join(sections(wrong), ", "))
	}
}

func number(id string) (n int) {
	fmt.Sscan(strings.SplitN(id, ".", 2)[0], &n)
	return n
}

type tally struct{ good, strict, missing, failed int }

func (t *tally) add(r *autobahn.Result) {
	switch {
	case !r.Passed():
		t.failed++
	case r.Behavior == autobahn.NonStrict:
		t.strict++
	case r.Behavior == autobahn.Unimplemented:
		t.missing++
	default:
		t.good++
	}
}

func (t tally) String() string {
	s := fmt.Sprintf("%d good", t.good)
	for _, more := range []struct {
		n    int
		word string
	}{{t.strict, "not strict"}, {t.missing, "without deflate"}, {t.failed, "**failed**"}} {
		if more.n > 0 {
			s += fmt.Sprintf(", %d %s", more.n, more.word)
		}
	}
	return s
}

// sections shortens a list of patterns to the parts that they are about, and to
// a section where these are all of it.
func sections(patterns []string) (short []string) {
	var parts []string
	for _, p := range patterns {
		s := strings.TrimSuffix(p, ".*")
		if strings.Count(s, ".") > 1 {
			s = part(s)
		}
		parts = append(parts, s)
	}
	for _, s := range parts {
		if section, _, _ := strings.Cut(s, "."); !slices.ContainsFunc(autobahn.Cases(), func(c *autobahn.Case) bool {
			return c.Section() == section && !slices.Contains(parts, c.ID) && !slices.Contains(parts, part(c.ID))
		}) {
			s = section
		}
		if !slices.Contains(short, s) {
			short = append(short, s)
		}
	}
	return short
}
