package release

import (
	"go/build"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ours is a module of this repository that is released.
type ours struct {
	name   string // by which it is fetched
	folder string // in the repository, with a slash at the end; empty: the core's
}

// modules returns those that are released: all but those which only this repository
// uses.
func modules(files []string) (all []ours) {
	for _, f := range files {
		if path.Base(f) != "go.mod" {
			continue
		}
		folder := strings.TrimSuffix(f, "go.mod")
		switch first, _, _ := strings.Cut(folder, "/"); first {
		case "bench", "examples", "tools":
			continue
		}
		all = append(all, ours{strings.TrimSuffix(core+"/"+folder, "/"), folder})
	}
	return all
}

// replaces reports whether the module takes the place of another one, whose name it
// has in its go.mod.
func (m ours) replaces() bool { return strings.HasPrefix(m.folder, "compat/replace/") }

// packages returns the packages of a module that others can import.
func (m ours) packages(t *testing.T) (all []string) {
	t.Helper()
	files := tracked(t)
	for _, f := range files {
		rel, ok := strings.CutPrefix(f, m.folder)
		dir := path.Dir(rel)
		if !ok || path.Ext(rel) != ".go" || nested(files, m.folder, rel) || strings.Contains("/"+rel, "/internal/") || strings.Contains("/"+rel, "/testdata/") {
			continue
		}
		pkg, err := build.ImportDir(filepath.Join(root, filepath.FromSlash(m.folder), filepath.FromSlash(dir)), 0)
		if err != nil || pkg.Name == "main" { // tests alone are no package
			continue
		}
		if name := path.Join(m.name, dir); !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}
