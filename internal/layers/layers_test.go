// Package layers holds the packages of this module against docs/design.md, which
// says which of them may import which, and the files of package websocket against
// docs/internals.md, which says which may use what of which. It has no code of its
// own.
package layers

import (
	"encoding/json"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/wirews/wirews/"

type pkg struct {
	ImportPath string
	Dir        string
	Imports    []string
	GoFiles    []string
}

// name returns the path without that of the module.
func (p pkg) name() string { return strings.TrimPrefix(p.ImportPath, module) }

// The platforms that packages have files of their own for: this one, and the web page's.
var platforms = [][]string{nil, {"GOOS=js", "GOARCH=wasm"}}

// list returns the packages of this module, without their tests: their files and
// imports on all platforms.
func list(t *testing.T) (all []pkg) {
	t.Helper()
	at := make(map[string]int)
	for _, env := range platforms {
		for _, p := range listOn(t, env) {
			i, ok := at[p.ImportPath]
			if !ok {
				at[p.ImportPath] = len(all)
				all = append(all, p)
				continue
			}
			all[i].Imports = union(all[i].Imports, p.Imports)
			all[i].GoFiles = union(all[i].GoFiles, p.GoFiles)
		}
	}
	return all
}

func union(a, b []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

// listOn is list for one platform.
func listOn(t *testing.T, env []string) (all []pkg) {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles", module+"...")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), env...)
	seen(cmd.Dir)
	seen(filepath.Join(cmd.Dir, "internal"))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
		seen(p.Dir)
	}
}

// seen reads a directory, so that the go command does not answer from its cache of
// test results when something in there has changed: what its child reads, it does
// not see.
func seen(dir string) { os.ReadDir(dir) }

func TestPackagesImportOnlyWhatStandsAboveThem(t *testing.T) {
	rules := readRules(t)
	for name, r := range rules {
		for _, imp := range r.ours {
			above, ok := rules[imp]
			if ok && above.row >= r.row {
				t.Errorf("%s: %s may import %s, which does not stand above it", design, name, imp)
			}
		}
	}
	used := make(map[int]map[string]bool) // by row: the imports of ours
	for _, p := range list(t) {
		r, ok := rules[p.name()]
		if !ok {
			continue // TestEveryPackageHasARow fails
		}
		if used[r.row] == nil {
			used[r.row] = make(map[string]bool)
		}
		for _, imp := range p.Imports {
			if ours, ok := strings.CutPrefix(imp, module); ok {
				used[r.row][ours] = true
			}
			checkImport(t, p.name(), r, imp)
		}
	}
	for name, r := range rules {
		for _, imp := range r.ours {
			if used[r.row] != nil && !used[r.row][imp] {
				t.Errorf("%s: the row of %s names %s, which nobody in it imports", design, name, imp)
			}
		}
	}
}

func checkImport(t *testing.T, name string, r rule, imp string) {
	t.Helper()
	ours, isOurs := strings.CutPrefix(imp, module)
	host, _, _ := strings.Cut(imp, "/")
	switch {
	case isOurs:
		if !slices.Contains(r.ours, ours) {
			t.Errorf("%s imports %s, which its row in %s does not name", name, ours, design)
		}
	case strings.Contains(host, "."):
		if !slices.Contains(r.others, imp) {
			t.Errorf("%s imports %s, which its row in %s does not name", name, imp, design)
		}
	case r.forbids(imp):
		t.Errorf("%s imports %s, which it must never know, says %s", name, imp, design)
	}
}

// TestEveryPackageHasARow: in the table that says what it knows, and in that of
// its imports; and each row has its package.
func TestEveryPackageHasARow(t *testing.T) {
	var packages, known []string
	for _, p := range list(t) {
		packages = append(packages, p.name())
	}
	for _, cells := range table(t, design, "package", "knows", "must never know") {
		known = append(known, quoted(cells[0])...)
	}
	for what, rows := range map[string][]string{
		"what packages know": known,
		"imports":            slices.Collect(maps.Keys(readRules(t))),
	} {
		for _, name := range packages {
			if !slices.Contains(rows, name) {
				t.Errorf("%s has no row for %s in the table of %s", design, name, what)
			}
		}
		for _, name := range rows {
			if !slices.Contains(packages, name) {
				t.Errorf("%s has a row for %s in the table of %s, and go list has no such package", design, name, what)
			}
		}
	}
}
