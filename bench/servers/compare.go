package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wirews/wirews/bench/internal/page"
)

// comparison is what -compare does.
type comparison struct {
	on                           bool
	set                          string // of cells; "": our own
	cells, servers, out, results string
	rounds                       int
	duration                     time.Duration
	resume                       bool
}

// step is one measurement of the plan.
type step struct {
	cell   cell
	server server
	round  int
}

// plan lists the measurements of a comparison. In each round of a cell every
// server has its turn, beginning with another one each time.
func (c *comparison) plan() (steps []step) {
	of := sets[c.set]
	for _, l := range of.cells {
		if !matches(l.name, c.cells) {
			continue
		}
		var list []server
		for _, s := range servers {
			if matches(s.name, c.servers) && of.has(s) && !(s.raw && l.webSocket) && (s.secure || !l.secure) {
				list = append(list, s)
			}
		}
		rounds := l.rounds(c.rounds)
		for round := range rounds {
			first := round * max(1, len(list)/rounds)
			for i := range list {
				steps = append(steps, step{l, list[(first+i)%len(list)], round})
			}
		}
	}
	return steps
}

// matches reports whether one of the words is in name. No words are in all.
func matches(name, words string) bool {
	return words == "" || slices.ContainsFunc(strings.Split(words, ","), func(w string) bool { return strings.Contains(name, w) })
}

// run measures, and writes the page.
func (c *comparison) run(ctx context.Context) error {
	if _, ok := sets[c.set]; !ok {
		return fmt.Errorf("-set %q is none of %s", c.set, setNames())
	}
	steps := c.plan()
	switch {
	case len(steps) == 0:
		return errors.New("no cell or no server has such a name")
	case c.resume && c.results == "":
		return errors.New("-resume goes on with the file that -results names: there is none")
	case c.rounds < 1 || c.duration <= 0:
		return errors.New("-rounds and -duration have to be above 0")
	}
	dir, err := os.MkdirTemp("", "servers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	l := loader{wirews: filepath.Join(dir, "wirews"), duration: c.duration}
	build := exec.CommandContext(ctx, "go", "build", "-o", l.wirews, "./wirews")
	build.Dir, build.Stderr = "../cmd", os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the load generator: %w", err)
	}
	begin := newResults
	if c.resume {
		begin = resumeResults
	}
	r, err := begin(c.results, newSetup(c.duration, c.rounds))
	if err != nil {
		return err
	}
	steps = slices.DeleteFunc(steps, func(s step) bool { return r.has(s.cell.name, s.server.name, s.round) })
	log.Printf("%d measurements, about %v", len(steps), c.takes(steps).Round(time.Second))
	if err := c.follow(ctx, l, r, steps); err != nil {
		return err
	}
	return page.Write(c.out, sets[c.set].part, string(sets[c.set].write(nil, r)))
}

// takes returns about how long the steps take.
func (c *comparison) takes(steps []step) (sum time.Duration) {
	for _, s := range steps {
		sum += s.cell.takes(c.duration)
	}
	return sum
}

// follow makes the measurements.
func (c *comparison) follow(ctx context.Context, l loader, r *results, steps []step) error {
	for i, s := range steps {
		m, err := l.measure(ctx, s.server, s.cell)
		if ctx.Err() != nil {
			return errors.New("interrupted; with -results, -resume goes on from here")
		}
		one := result{Cell: s.cell.name, Server: s.server.name, Round: s.round, Figures: m}
		figure := fmt.Sprintf("%.0f %s", s.cell.figure().of(m), s.cell.figure().unit)
		if err != nil {
			one.Failed, one.Figures = err.Error(), measured{}
			figure = "FAILED: " + one.Failed
		}
		if err := r.add(one); err != nil {
			return err
		}
		log.Printf("%d of %d, about %v left: %s, round %d, %s: %s", i+1, len(steps), c.takes(steps[i+1:]).Round(time.Second),
			s.cell.name, s.round+1, s.server.name, figure)
	}
	return nil
}
