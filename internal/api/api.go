// Package api holds the exported names of packages against files that list
// them, so that no release changes them by accident. It is for tests:
//
//	go test ./internal/api          # what has changed
//	go test ./internal/api -update  # it was meant
package api

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the files that list the exported API")

// Module is the path of the core.
const Module = "github.com/wirews/wirews"

// Check lists the exported API of the packages that the patterns name, as the
// go command understands them in dir, and fails t where that is not what the
// files in testdata say. Internal packages are left out, for they export nothing
// to users. With the flag -update it writes the files.
func Check(t *testing.T, dir string, patterns ...string) {
	t.Helper()
	packages, err := load(dir, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	unknown := make(map[string]bool)
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		unknown[file] = true
	}
	for _, p := range packages {
		name := strings.TrimPrefix(p.Path(), Module+"/")
		file := filepath.Join("testdata", strings.ReplaceAll(name, "/", "_")+".txt")
		delete(unknown, file)
		check(t, name, file, lines(p))
	}
	for file := range unknown {
		if !*update {
			t.Errorf("%s lists a package that is gone; remove it, and list that in CHANGELOG.md", file)
		} else if err := os.Remove(file); err != nil {
			t.Error(err)
		}
	}
}

// check holds the API of one package against its file.
func check(t *testing.T, name, file string, got []string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(strings.Join(got, "\n")+"\n"), 0o666); err != nil {
			t.Error(err)
		}
		return
	}
	text, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	want := strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == '\r' })
	if slices.Equal(got, want) {
		return
	}
	t.Errorf(`the exported API of %s is not what %s says:
%s
If that is meant, "go test -update" in this directory writes the file. CHANGELOG.md has to list what users will see.`,
		name, file, difference(want, got))
}

// difference returns the lines that only one of the lists has.
func difference(want, got []string) string {
	var b strings.Builder
	only := func(mark string, lines, others []string) {
		for _, line := range lines {
			if !slices.Contains(others, line) {
				b.WriteString(mark + line + "\n")
			}
		}
	}
	only("- ", want, got)
	only("+ ", got, want)
	if b.Len() == 0 {
		return "the same lines, in another order"
	}
	return strings.TrimSuffix(b.String(), "\n")
}
