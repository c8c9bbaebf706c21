package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// setup is what all measurements of a comparison have in common. It is the
// first line of the file of results.
type setup struct {
	Begun    time.Time     `json:"begun"`
	Machine  string        `json:"machine"`
	System   string        `json:"system"`
	Modules  []module      `json:"modules"`
	Duration time.Duration `json:"duration_ns"`
	Rounds   int           `json:"rounds"`
}

// module is a library that is compared, and its version.
type module struct {
	Path    string `json:"path"`
	Version string `json:"version"`
}

// differs says in what a comparison that is to be gone on with differs from this
// one; "" if in nothing.
func (s setup) differs(from setup) string {
	for _, c := range []struct {
		what string
		same bool
	}{
		{fmt.Sprintf("it was made on %s, this is %s", from.Machine, s.Machine), s.Machine == from.Machine},
		{fmt.Sprintf("it was made with %s, this is %s", from.System, s.System), s.System == from.System},
		{"the libraries' versions are others", slices.Equal(s.Modules, from.Modules)},
		{fmt.Sprintf("each measurement took %v, and is to take %v", from.Duration, s.Duration), s.Duration == from.Duration},
		{fmt.Sprintf("it has %d rounds instead of %d", from.Rounds, s.Rounds), s.Rounds == from.Rounds},
	} {
		if !c.same {
			return c.what
		}
	}
	return ""
}

// result is one measurement: a line of the file.
type result struct {
	Cell    string   `json:"cell"`
	Server  string   `json:"server"`
	Round   int      `json:"round"`
	Failed  string   `json:"failed,omitempty"` // why there are no figures
	Figures measured `json:"figures,omitzero"`
}

// results are what has been measured so far. They are in a file too, so that a
// comparison that was interrupted can be gone on with.
type results struct {
	setup setup
	all   []result
	file  *os.File // nil: none
}

// newResults begins a file; none if it has no name. What it had is lost.
func newResults(name string, s setup) (*results, error) {
	r := &results{setup: s}
	if name == "" {
		return r, nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return nil, err
	}
	var err error
	if r.file, err = os.Create(name); err != nil {
		return nil, err
	}
	return r, r.append(s)
}

// resumeResults goes on with a file, or begins it if it is not there. What a
// setup differs in must not be mixed.
func resumeResults(name string, s setup) (*results, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(text) == 0 {
		return newResults(name, s)
	}
	if err != nil {
		return nil, err
	}
	r, size, err := readResults(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if why := s.differs(r.setup); why != "" {
		return nil, fmt.Errorf("%s cannot be gone on with: %s", name, why)
	}
	if r.file, err = os.OpenFile(name, os.O_WRONLY, 0); err != nil {
		return nil, err
	}
	// A line that was not written to its end is measured again.
	_, err = r.file.Seek(size, io.SeekStart)
	return r, errors.Join(r.file.Truncate(size), err)
}

// readResults reads the lines that are complete, and returns their size too.
func readResults(from io.Reader) (r *results, size int64, err error) {
	r = new(results)
	in := bufio.NewReader(from)
	for first := true; ; first = false {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			if first {
				return nil, 0, errors.New("no comparison has begun in it")
			}
			return r, size, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if first {
			err = json.Unmarshal(line, &r.setup)
		} else {
			var one result
			err = json.Unmarshal(line, &one)
			r.all = append(r.all, one)
		}
		if err != nil {
			return nil, 0, fmt.Errorf("line %d is no result: %w", len(r.all)+1, err)
		}
		size += int64(len(line))
	}
}

// add keeps a result.
func (r *results) add(one result) error {
	r.all = append(r.all, one)
	return r.append(one)
}

func (r *results) append(line any) error {
	if r.file == nil {
		return nil
	}
	return json.NewEncoder(r.file).Encode(line)
}

// has reports whether there is a result for this.
func (r *results) has(cell, server string, round int) bool {
	return slices.ContainsFunc(r.all, func(o result) bool { return o.Cell == cell && o.Server == server && o.Round == round })
}

// of returns what was measured of a server in a cell, and why not if that has
// failed in one of the rounds.
func (r *results) of(cell, server string) (list []measured, failed string) {
	for _, o := range r.all {
		if o.Cell == cell && o.Server == server {
			if failed = cmp.Or(failed, o.Failed); o.Failed == "" {
				list = append(list, o.Figures)
			}
		}
	}
	return list, failed
}
