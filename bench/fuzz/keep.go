package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// What is kept for a target is short, and little.
const (
	longest = 2 << 10
	most    = 12
)

// keepAll writes what earlier runs have found for each target into its testdata, if it
// reaches code that the seeds do not.
func (b *builder) keepAll(ctx context.Context, all []target) error {
	for _, t := range all {
		n, err := b.keep(ctx, t)
		if err != nil {
			return err
		}
		log.Printf("keep: %v: %d inputs", t, n)
	}
	return nil
}

func (b *builder) keep(ctx context.Context, t target) (n int, err error) {
	binary, err := b.binary(ctx, t)
	if err != nil {
		return 0, err
	}
	found := filepath.Join(b.dir, "inputs", t.flat(), t.name)
	candidates, err := shortInputs(found)
	if err != nil {
		return 0, err
	}
	here, err := os.MkdirTemp(b.dir, "keep")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(here)
	// A binary looks for testdata where it runs.
	if err := os.MkdirAll(filepath.Join(here, "testdata", "fuzz"), 0o777); err != nil {
		return 0, err
	}
	if err := os.Symlink(found, filepath.Join(here, "testdata", "fuzz", t.name)); err != nil {
		return 0, err
	}
	known, err := reach(ctx, binary, t.folder, "^"+t.name+"$")
	if err != nil {
		return 0, err
	}
	pick := picker{known: known, most: most, reach: func(names []string) (blocks, error) {
		return reach(ctx, binary, here, "^"+t.name+"$/^("+strings.Join(names, "|")+")$")
	}}
	if err := pick.choose(candidates); err != nil {
		return 0, err
	}
	for _, c := range pick.chosen {
		if err := t.commit(filepath.Join(found, c.input), c.first); err != nil {
			return 0, err
		}
	}
	return len(pick.chosen), nil
}

// commit copies an input into the testdata of t, with a name that says in which file of
// ours it reaches something new.
func (t target) commit(input, first string) error {
	b, err := os.ReadFile(input)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(t.corpus(), 0o777); err != nil {
		return err
	}
	sum := sha256.Sum256(b)
	name := fmt.Sprintf("%s-%x", strings.TrimSuffix(path.Base(first), ".go"), sum[:2])
	return os.WriteFile(filepath.Join(t.corpus(), name), b, 0o666)
}

// shortInputs returns the names of what was found, the shortest first.
func shortInputs(folder string) (names []string, err error) {
	entries, err := os.ReadDir(folder)
	if os.IsNotExist(err) {
		return nil, nil
	}
	size := make(map[string]int64)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		if size[e.Name()] = info.Size(); info.Size() <= longest {
			names = append(names, e.Name())
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return int(size[a] - size[b]) })
	return names, err
}

// blocks are those of the code that were run, each with its file.
type blocks map[string]string

// reach runs what an expression selects, and returns the code that it runs.
func reach(ctx context.Context, binary, folder, run string) (blocks, error) {
	profile, err := os.CreateTemp("", "fuzz")
	if err != nil {
		return nil, err
	}
	profile.Close()
	defer os.Remove(profile.Name())
	if _, err := command(ctx, folder, binary, "-test.run="+run, "-test.coverprofile="+profile.Name()); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(profile.Name())
	return parseProfile(string(b)), err
}

// parseProfile reads a profile of go test: name.go:line.column,line.column statements count.
func parseProfile(profile string) blocks {
	reached := make(blocks)
	for line := range strings.Lines(profile) {
		fields := strings.Fields(line)
		if file, _, ok := strings.Cut(line, ":"); ok && len(fields) == 3 && fields[2] != "0" {
			reached[fields[0]] = file
		}
	}
	return reached
}

// picker chooses inputs that reach what is not known yet.
type picker struct {
	known  blocks
	most   int
	reach  func(names []string) (blocks, error)
	chosen []choice
}

// choice is an input, with the first file in which it reaches something new.
type choice struct{ input, first string }

// choose tries inputs together, and those in which there is something new by halves.
func (p *picker) choose(names []string) error {
	if len(names) == 0 || len(p.chosen) == p.most {
		return nil
	}
	if len(names) > 64 {
		if err := p.choose(names[:64]); err != nil {
			return err
		}
		return p.choose(names[64:])
	}
	reached, err := p.reach(names)
	if err != nil {
		return err
	}
	first := ""
	for block, file := range reached {
		if _, ok := p.known[block]; !ok && (first == "" || file < first) {
			first = file
		}
	}
	switch {
	case first == "":
		return nil
	case len(names) == 1:
		for block, file := range reached {
			p.known[block] = file
		}
		p.chosen = append(p.chosen, choice{names[0], first})
		return nil
	}
	if err := p.choose(names[:len(names)/2]); err != nil {
		return err
	}
	return p.choose(names[len(names)/2:])
}
