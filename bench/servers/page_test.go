package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/bench/internal/page"
)

func TestTheMedianIsInTheMiddle(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   spread
		words  string
	}{
		{nil, spread{}, "- | -"},
		{[]float64{7}, spread{7, 7, 7, 1}, "- | -"},
		{[]float64{9, 1}, spread{5, 1, 9, 2}, "5 | 9"},
		{[]float64{30, 10, 20}, spread{20, 10, 30, 3}, "20 | 30"},
		{[]float64{4, 1, 3, 2}, spread{2.5, 1, 4, 4}, "2 | 4"},
		{[]float64{5, 5, 5, 5, 1000}, spread{5, 5, 1000, 5}, "5 | 1000"},
	} {
		before := fmt.Sprint(c.values)
		if got := spreadOf(c.values); got != c.want || got.cells() != c.words {
			t.Errorf("%v: got %+v, %q; want %+v, %q", c.values, got, got.cells(), c.want, c.words)
		}
		if fmt.Sprint(c.values) != before {
			t.Errorf("the values were changed to %v", c.values)
		}
	}
}

func TestRatios(t *testing.T) {
	for _, c := range []struct {
		v, of float64
		want  string
	}{{3, 2, "1.50"}, {2, 3, "0.67"}, {1, 0, "-"}, {0, 5, "0.00"}} {
		if got := ratio(c.v, c.of); got != c.want {
			t.Errorf("%g over %g: got %s, want %s", c.v, c.of, got, c.want)
		}
	}
}

func TestTextIsWrappedAtWords(t *testing.T) {
	word := strings.Repeat("x", 39)
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "- \n"},
		{"white space", " a\n\t b ", "- a b\n"},
		{"two words that fit", strings.Repeat("y", 76) + " " + word, "- " + strings.Repeat("y", 76) + " " + word + "\n"},
		{"one more letter", strings.Repeat("y", 77) + " " + word, "- " + strings.Repeat("y", 77) + "\n  " + word + "\n"},
		{"many", strings.Repeat(word+" ", 5), "- " + word + " " + word + "\n  " + word + " " + word + "\n  " + word + "\n"},
		{"too long", strings.Repeat("z", 200) + " a", "- " + strings.Repeat("z", 200) + "\n  a\n"},
	} {
		if got := string(appendItem(nil, c.text)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// cpu makes what a server's CPU time alone is known of.
func cpu(ns float64) (m measured) {
	m.Server.CPU, m.Rate, m.Latency.P50, m.Latency.P99, m.Others = ns, 1000, 2000, 3000, 0.25
	return m
}

// table returns the lines of a cell's table.
func table(t *testing.T, text, cell string) (rows []string) {
	t.Helper()
	_, rest, found := strings.Cut(text, "\n## "+cell+"\n")
	if !found {
		t.Fatalf("no table of %s in %s", cell, text)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	for line := range strings.Lines(rest) {
		if line = strings.TrimSpace(line); line != "" {
			rows = append(rows, line)
		}
	}
	return rows
}

func TestATableComparesWithTheLimitAndWithTheBestPeer(t *testing.T) {
	r := &results{setup: setup{Rounds: 3}}
	for _, c := range []struct {
		server string
		cpu    []float64
	}{
		{"gws", []float64{4400, 4500, 4000}}, {"gorilla", []float64{5000, 5000, 6000}}, {"gnet", []float64{2200, 2200, 2200}},
		{"websocket-serve", []float64{2100, 3000, 2500}}, {"limit-epoll", []float64{2200, 2000, 2100}}, {"raw", []float64{1000}},
	} {
		for i, v := range c.cpu {
			r.all = append(r.all, result{Cell: "c100-k1-128", Server: c.server, Round: i, Figures: cpu(v)})
		}
	}
	r.all = append(r.all, result{Cell: "c100-k1-128", Server: "coder", Failed: "it has fallen over"})
	rows := table(t, string(appendPage(nil, r)), "c100-k1-128")
	want := []string{
		"100 connections, 1 in flight, 128 bytes; 3 rounds.",
		"| server | least CPU, ns a message | median | most | of limit | of best peer | rate/s | p50, us | p99, us | others |",
		"|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
		"| `raw` | 1000 | - | - | 0.50 | 0.25 | 1000 | 2 | 3 | 0.2 |",
		"| `limit-epoll` | 2000 | 2100 | 2200 | 1.00 | 0.50 | 1000 | 2 | 3 | 0.2 |",
		"| **`websocket-serve`** | 2100 | 2500 | 3000 | 1.05 | 0.53 | 1000 | 2 | 3 | 0.2 |",
		"| `gnet` | 2200 | 2200 | 2200 | 1.10 | 0.55 | 1000 | 2 | 3 | 0.2 |",
		"| `gws` | 4000 | 4400 | 4500 | 2.00 | 1.00 | 1000 | 2 | 3 | 0.2 |",
		"| `gorilla` | 5000 | 5000 | 6000 | 2.50 | 1.25 | 1000 | 2 | 3 | 0.2 |",
		"`coder` has failed in one of the rounds: it has fallen over.",
	}
	if strings.Join(rows, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
}

func TestATableWithoutALimitHasNoColumnForIt(t *testing.T) {
	r := &results{setup: setup{Rounds: 1}, all: []result{{Cell: "idle", Server: "gnet"}}}
	r.all[0].Figures.Server.PerConnection, r.all[0].Figures.Heap.Bytes, r.all[0].Figures.Heap.Goroutines = 600, 500.4, 0.001
	rows := table(t, string(appendPage(nil, r)), "idle")
	if got, want := rows[len(rows)-1], "| `gnet` | 600 | - | - | - | 500 | 0 | 0.0 |"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What docs/performance.md says besides figures is what this command writes.
func TestThePageHasTheseWords(t *testing.T) {
	b, err := os.ReadFile("../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	got, ok := page.Get(string(b), partName)
	if !ok {
		t.Fatalf("the page has no part %q", partName)
	}
	words := func(text string) string {
		before, rest, _ := strings.Cut(text, "\n## Machine\n")
		_, rest, _ = strings.Cut(rest, "\n## Method\n")
		rest, _, _ = strings.Cut(rest, "\n## "+cells[0].name+"\n")
		rest, _, _ = strings.Cut(rest, "\n## Versions\n")
		return strings.TrimSpace(before + rest)
	}
	if got, want := words(got), words(string(appendPage(nil, &results{}))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The page is as it is printed: nobody has to mend it by hand.
func TestThePageSaysAllAndIsReadable(t *testing.T) {
	r := &results{setup: setup{
		Begun: time.Date(2026, 11, 21, 15, 4, 5, 0, time.UTC), Machine: "A Processor with a long name, 2 processors",
		System: "Linux 6.18, go1.26.8", Modules: []module{{"github.com/lxzan/gws", "v1.9.1"}}, Duration: 500 * time.Millisecond, Rounds: 3,
	}}
	for _, c := range cells {
		for i, s := range servers {
			m := cpu(1e7 + float64(i))
			m.Client.CPU = 5e6
			m.Server.PerConnection, m.Rate, m.Latency.P50, m.Latency.P99, m.Heap.Bytes = 1e5, 1e6, 1e9, 1e10, 1e5
			r.all = append(r.all, result{Cell: c.name, Server: s.name, Figures: m}, result{Cell: c.name, Server: s.name, Round: 1, Figures: m})
		}
		r.all = append(r.all, result{Cell: c.name, Server: "gws", Round: 2, Failed: strings.Repeat("some words ", 50)})
	}
	text := string(appendPage(nil, r))
	for line := range strings.Lines(text) {
		if len(line) > 120 {
			t.Errorf("%d bytes: %s", len(line), line)
		}
	}
	words := strings.Join(strings.Fields(text), " ")
	for _, want := range []string{
		"begun on 21 November 2026, 15:04 UTC; 500ms for each server, cell and round, 1.5s with 10,000 connections",
		"A Processor with a long name, 2 processors, all on loopback", "Linux 6.18, go1.26.8", "others used 0.25 processors",
		"- github.com/lxzan/gws v1.9.1", "antlabs/quickws", "make bench-servers",
		"10,000 connections, idle after one message of 128 bytes each; 1 round.", "Connect, upgrade, reset; 64 at once; 3 rounds.",
	} {
		if !strings.Contains(words, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	generator := table(t, text, "The load generator")
	if want := "| c100-k1-128 | 5000000 | 10000019 | 0.50 |"; !slices.Contains(generator, want) || len(generator) != 2+1+len(cells)-2 {
		t.Errorf("no line %q in %q", want, generator)
	}
	for _, s := range servers {
		if !strings.Contains(text, "| "+s.title()+" ("+string(s.role)+") | "+s.about) {
			t.Errorf("%s is not on the page", s.name)
		}
	}
	if strings.Contains(text, "%!") || strings.Contains(text, "NaN") {
		t.Error("the page has what should not be there")
	}
}
