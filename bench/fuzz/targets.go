package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// target is one fuzz target.
type target struct {
	name   string
	folder string // of its package
	path   string // of that folder in the repository
}

func (t target) String() string { return t.path + " " + t.name }

// flat is the path of the package as the name of a file.
func (t target) flat() string { return strings.ReplaceAll(t.path, "/", "-") }

// corpus is the folder of what is committed for the target.
func (t target) corpus() string { return filepath.Join(t.folder, "testdata", "fuzz", t.name) }

// targets returns all targets of the repository at root, by their packages.
func targets(root string) (all []target, err error) {
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", "bin", "node_modules", "testdata"}, d.Name()):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(file, "_test.go"):
			return nil
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		folder, err := filepath.Abs(filepath.Dir(file))
		if err != nil {
			return err
		}
		path, err := filepath.Rel(root, filepath.Dir(file))
		for _, m := range targetLine.FindAllSubmatch(b, -1) {
			all = append(all, target{string(m[1]), folder, filepath.ToSlash(path)})
		}
		return err
	})
	return all, err
}

var targetLine = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(\w+ \*testing\.F\)`)

// builder builds the tests of each package once, and knows how they are run.
type builder struct {
	dir     string
	workers int
	cover   bool // to say what they reach, and not to be fuzzed
	built   map[string]string
}

// binary returns the test binary of the package of t.
func (b *builder) binary(ctx context.Context, t target) (string, error) {
	if file := b.built[t.path]; file != "" {
		return file, nil
	}
	kind, how := "fuzz", "-fuzz=."
	if b.cover {
		kind, how = "cover", "-coverpkg=github.com/wirews/wirews/..."
	}
	file := filepath.Join(b.dir, kind, t.flat()+".test")
	if _, err := command(ctx, t.folder, "go", "test", "-c", how, "-o", file, "."); err != nil {
		return "", err
	}
	if b.built == nil {
		b.built = make(map[string]string)
	}
	b.built[t.path] = file
	return file, nil
}

// command returns what a command prints, or an error with it.
func command(ctx context.Context, folder, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return out, fmt.Errorf("%v in %s: %w\n%s", cmd, folder, err, out)
	}
	return out, nil
}
