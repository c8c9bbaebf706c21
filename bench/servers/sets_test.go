package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/bench/internal/page"
)

// Each set has servers that can do what its cells need, and takes no longer than
// somebody waits for it.
func TestSetsCanBeMeasured(t *testing.T) {
	for name, s := range sets {
		c := comparison{set: name, rounds: 3, duration: defaultDuration}
		steps := c.plan()
		if took := c.takes(steps); took > 30*time.Minute {
			t.Errorf("%q: it takes %v", name, took)
		}
		tried := make(map[string]int)
		for _, step := range steps {
			if step.cell.secure && !step.server.secure {
				t.Errorf("%q: %s over TLS", name, step.server.name)
			}
			if step.server.role != limit {
				tried[step.cell.name+" "+string(step.server.role)]++
			}
		}
		for _, cell := range s.cells {
			if tried[cell.name+" ours"] == 0 || tried[cell.name+" peer"] == 0 {
				t.Errorf("%q: %s has ours %d times and peers %d times", name, cell.name, tried[cell.name+" ours"], tried[cell.name+" peer"])
			}
		}
		for _, only := range s.only {
			if !strings.Contains(" "+names()+" ", " "+only+" ") {
				t.Errorf("%q: there is no server %s", name, only)
			}
		}
	}
	if err := (&comparison{set: "no such", rounds: 1, duration: 1}).run(t.Context()); err == nil || !strings.Contains(err.Error(), "public tls") {
		t.Errorf("a set that is not there: %v", err)
	}
}

// The parts are as they are printed, and each of their cells has a table.
func TestThePartsOfTheOtherSetsAreReadable(t *testing.T) {
	for name, s := range sets {
		if name == "" {
			continue
		}
		r := &results{setup: setup{Rounds: 3}}
		for _, c := range s.cells {
			for _, server := range servers {
				m := cpu(1e6)
				m.Server.PerConnection = 1e4
				r.all = append(r.all, result{Cell: c.name, Server: server.name, Figures: m})
			}
		}
		text := string(s.write(nil, r))
		for line := range strings.Lines(text) {
			if len(line) > 120 && !strings.HasPrefix(line, "|") {
				t.Errorf("%q: %d bytes: %s", name, len(line), line)
			}
		}
		for _, c := range s.cells {
			if !strings.Contains(text, "\n### "+c.name+"\n") {
				t.Errorf("%q has no table of %s", name, c.name)
			}
		}
		if strings.Contains(text, "%!") || strings.Contains(text, "NaN") {
			t.Errorf("%q has what should not be there", name)
		}
	}
}

// What docs/performance.md says before the figures is what this command writes.
func TestThePageHasTheWordsOfTheOtherSets(t *testing.T) {
	b, err := os.ReadFile("../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	words := func(text string) string {
		before, _, _ := strings.Cut(text, "\n- ") // the machine
		return before
	}
	for name, s := range sets {
		if name == "" {
			continue
		}
		got, ok := page.Get(string(b), s.part)
		if want := words(string(s.write(nil, &results{}))); !ok || words(got) != want {
			t.Errorf("%q: got\n%s\nwant\n%s", name, words(got), want)
		}
		for _, c := range s.cells {
			if !strings.Contains(got, "\n### "+c.name+"\n\n"+strings.ToUpper(c.about[:1])+c.about[1:]+";") {
				t.Errorf("%q: the page has no table of %s", name, c.name)
			}
		}
	}
}
