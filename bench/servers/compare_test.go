package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestEveryServerHasItsTurnInEachRound(t *testing.T) {
	c := comparison{rounds: 6, cells: "c100-k1-128,idle", servers: "limit,raw,gws"}
	var got []string
	for _, s := range c.plan() {
		got = append(got, s.cell.name+" "+s.server.name+" "+string('0'+rune(s.round)))
	}
	seen := make(map[string]int)
	for _, s := range got {
		seen[s]++
	}
	// raw-epoll, raw, limit-epoll, limit-gonet, gws; without the raw ones where a
	// WebSocket is needed, and with a third of the rounds where it takes long.
	if want := 6*5*2 + 2*3; len(got) != want || len(seen) != want {
		t.Errorf("%d measurements, %d different ones; want %d: %v", len(got), len(seen), want, got)
	}
	if got[0] == got[5] || !strings.HasPrefix(got[5], "c100-k1-128 ") || strings.Fields(got[0])[1] == strings.Fields(got[5])[1] {
		t.Errorf("the second round begins with the same server as the first: %v", got)
	}
}

func TestAFullComparisonTakesNoLongerThanItMay(t *testing.T) {
	c := comparison{rounds: 3, duration: defaultDuration}
	if got := c.takes(c.plan()); got > 25*time.Minute || got < 15*time.Minute {
		t.Errorf("%v; 15 to 25 minutes are worth it", got)
	}
	for _, cell := range cells {
		if cell.most(c.duration) < 2*cell.takes(c.duration) || cell.most(c.duration) > time.Minute {
			t.Errorf("%s: given up after %v, takes %v", cell.name, cell.most(c.duration), cell.takes(c.duration))
		}
	}
}

// some results in a file.
func keep(t *testing.T, name string, s setup, all []result) {
	t.Helper()
	r, err := newResults(name, s)
	if err != nil {
		t.Fatal(err)
	}
	defer r.file.Close()
	for _, one := range all {
		if err := r.add(one); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAComparisonIsGoneOnWithWhereverItWasInterrupted(t *testing.T) {
	s := newSetup(time.Second, 3)
	all := []result{
		{Cell: "idle", Server: "gws", Figures: cpu(1)}, {Cell: "idle", Server: "coder", Failed: `it said "no"`},
		{Cell: "c100-k1-128", Server: "gws", Round: 2, Figures: cpu(3)},
	}
	all[0].Figures.Heap.Bytes = 7
	name := filepath.Join(t.TempDir(), "sub", "results")
	keep(t, name, s, all)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head := bytes.IndexByte(whole, '\n') + 1
	for size := head; size <= len(whole); size++ {
		if err := os.WriteFile(name, whole[:size], 0o666); err != nil {
			t.Fatal(err)
		}
		complete := bytes.Count(whole[:size], []byte("\n")) - 1
		later := s
		later.Begun = later.Begun.Add(time.Hour)
		r, err := resumeResults(name, later)
		if err != nil {
			t.Fatalf("after %d bytes: %v", size, err)
		}
		if len(r.all) != complete || !r.setup.Begun.Equal(s.Begun) {
			t.Fatalf("after %d bytes: %d results, begun %v; want %d and %v", size, len(r.all), r.setup.Begun, complete, s.Begun)
		}
		for i, one := range all {
			if r.has(one.Cell, one.Server, one.Round) != (i < complete) {
				t.Errorf("after %d bytes: result %d is there: %v", size, i, i >= complete)
			}
			if i >= complete {
				if err := r.add(one); err != nil {
					t.Fatal(err)
				}
			}
		}
		r.file.Close()
		if again, err := os.ReadFile(name); err != nil || !bytes.Equal(again, whole) || !reflect.DeepEqual(r.all, all) {
			t.Fatalf("after %d bytes: %v, and the file became %s", size, err, again)
		}
	}
}

func TestWhatWasMeasuredOtherwiseIsNotMixed(t *testing.T) {
	s := newSetup(time.Second, 3)
	name := filepath.Join(t.TempDir(), "results")
	keep(t, name, s, nil)
	for want, change := range map[string]func(*setup){
		"":                    func(*setup) {},
		"made on":             func(s *setup) { s.Machine = "another" },
		"made with":           func(s *setup) { s.System = "another" },
		"versions":            func(s *setup) { s.Modules = append([]module{{"x", "v1"}}, s.Modules...) },
		"each measurement":    func(s *setup) { s.Duration++ },
		"3 rounds instead of": func(s *setup) { s.Rounds++ },
	} {
		changed := s
		change(&changed)
		r, err := resumeResults(name, changed)
		if want == "" && err == nil {
			r.file.Close()
		} else if want == "" || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	for text, want := range map[string]string{"{\"begun\":1}\n": "line 1 is no result", "{}\n{]\n": "is no result", "{}": "no comparison has begun"} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := resumeResults(name, s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func TestAComparisonThatMakesNoSenseIsRefused(t *testing.T) {
	for want, c := range map[string]comparison{
		"no cell":   {cells: "no such", rounds: 1, duration: 1},
		"no server": {servers: "no such", rounds: 1, duration: 1},
		"-results":  {resume: true, rounds: 1, duration: 1},
		"-rounds":   {duration: 1},
		"-duration": {rounds: 1},
	} {
		if err := c.run(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestVersionsAreThoseOfTheBuild(t *testing.T) {
	list := modules()
	for _, s := range servers {
		for _, path := range s.modules {
			found := false
			for _, m := range list {
				found = found || m.Path == path && strings.HasPrefix(m.Version, "v")
			}
			if !found {
				t.Errorf("no version of %s, which %s is made with: %v", path, s.name, list)
			}
		}
		if s.role == peer && len(s.modules) == 0 {
			t.Errorf("%s is made with nothing", s.name)
		}
	}
}
