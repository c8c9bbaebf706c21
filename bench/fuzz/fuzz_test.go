package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTargetsAreFound(t *testing.T) {
	root := t.TempDir()
	for file, text := range map[string]string{
		"a/x_test.go":              "package a\n\nfunc FuzzX(f *testing.F) {}\n",
		"a/y_test.go":              "package a\n\nfunc FuzzY(f *testing.F) {}\n",
		"a/b/x.go":                 "package b\n\nfunc FuzzX() {}\n",
		"c/x_test.go":              "package c\n\nfunc TestX(t *testing.T) {}\n",
		"node_modules/d/x_test.go": "package d\n\nfunc FuzzX(f *testing.F) {}\n",
	} {
		file = filepath.Join(root, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := targets(root)
	want := []target{{"FuzzX", filepath.Join(root, "a"), "a"}, {"FuzzY", filepath.Join(root, "a"), "a"}}
	if !slices.Equal(got, want) || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestTheLastLineTellsTheProgress(t *testing.T) {
	for _, c := range []struct {
		out           string
		inputs, fresh int
	}{
		{"", 0, 0},
		{"fuzz: elapsed: 0s, gathering baseline coverage: 0/8 completed\n", 0, 0},
		{"fuzz: elapsed: 3s, execs: 2890 (962/sec), new interesting: 6 (total: 14)\n" +
			"fuzz: elapsed: 6s, execs: 4000 (1/sec), new interesting: 7 (total: 15)\nPASS\n", 4000, 7},
	} {
		if inputs, fresh := progress(c.out); inputs != c.inputs || fresh != c.fresh {
			t.Errorf("%q: got %d, %d", c.out, inputs, fresh)
		}
	}
}

func TestTheEndOfTheTimeIsNoFailure(t *testing.T) {
	const ended = "fuzz: elapsed: 36s, execs: 30405 (246/sec), new interesting: 21 (total: 66)\n--- FAIL: FuzzAlive (35.52s)\n"
	for out, want := range map[string]bool{
		ended + "    context deadline exceeded\nFAIL\n":                                                    true,
		ended + "    --- FAIL: FuzzAlive (0.00s)\n        x_test.go:95: context deadline exceeded\nFAIL\n": false,
		ended + "    Failing input written to testdata\n    context deadline exceeded\nFAIL\n":             false,
		"PASS\n": false,
	} {
		if got := outOfTime(out); got != want {
			t.Errorf("%q: got %v", out, got)
		}
	}
}

func TestTimeIsSharedByThoseThatAreLeft(t *testing.T) {
	for _, c := range []struct {
		left time.Duration
		n    int
		want time.Duration
	}{
		{time.Hour, 60, time.Minute},
		{time.Minute, 7, 8 * time.Second},
		{-time.Minute, 7, time.Second},
	} {
		if got := shareOf(c.left, c.n); got != c.want {
			t.Errorf("%v for %d: got %v, want %v", c.left, c.n, got, c.want)
		}
	}
}

func TestResultsAreAddedUp(t *testing.T) {
	file := filepath.Join(t.TempDir(), resultsFile)
	for _, r := range []result{
		{Package: "ws", Target: "FuzzA", Inputs: 1000, New: 2, Seconds: 10, CPU: 9.6},
		{Package: "ws", Target: "FuzzB", Inputs: 5, Seconds: 4000, CPU: 4000, Failed: true},
		{Package: "ws", Target: "FuzzA", Inputs: 1234567, New: 1, Seconds: 20, CPU: 20},
	} {
		if err := appendResult(file, r); err != nil {
			t.Fatal(err)
		}
	}
	all, err := readResults(file)
	if err != nil {
		t.Fatal(err)
	}
	got := table(all)
	for _, want := range []string{
		"2 targets, 1h7m of CPU time in 1h7m, 1,235,572 inputs, 1 failures; ",
		"| `ws` | FuzzA | 1,235,567 | 30s | 3 | 0 |\n| `ws` | FuzzB | 5 | 1h7m | 0 | 1 |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestAProfileNamesWhatWasRun(t *testing.T) {
	got := parseProfile("mode: set\nx/y/z.go:1.2,3.4 5 1\nx/y/z.go:5.2,6.4 1 0\n")
	if len(got) != 1 || got["x/y/z.go:1.2,3.4"] != "x/y/z.go" {
		t.Errorf("got %v", got)
	}
}

// An input is chosen if it reaches what neither the seeds nor those before it do.
func TestInputsThatReachMoreAreChosen(t *testing.T) {
	reaches := map[string][]string{"a": {"1"}, "b": {"1", "2"}, "c": {"2"}, "d": {"0"}, "e": {"3", "0"}, "f": {"4"}}
	for _, c := range []struct {
		most int
		want []choice
	}{
		{10, []choice{{"a", "1.go"}, {"b", "2.go"}, {"e", "3.go"}, {"f", "4.go"}}},
		{2, []choice{{"a", "1.go"}, {"b", "2.go"}}},
	} {
		p := picker{known: blocks{"0": "0.go"}, most: c.most, reach: func(names []string) (blocks, error) {
			all := make(blocks)
			for _, name := range names {
				for _, b := range reaches[name] {
					all[b] = b + ".go"
				}
			}
			return all, nil
		}}
		if err := p.choose([]string{"a", "b", "c", "d", "e", "f"}); err != nil || !slices.Equal(p.chosen, c.want) {
			t.Errorf("at most %d: got %v, %v", c.most, p.chosen, err)
		}
	}
}
