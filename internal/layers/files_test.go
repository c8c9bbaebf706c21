package layers

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestFilesUseOnlyWhatStandsBelowThem: no file of package websocket uses a
// function, a variable or a constant of a file that stands above it, or beside
// it, in the table of docs/internals.md.
func TestFilesUseOnlyWhatStandsBelowThem(t *testing.T) {
	line := make(map[string]int)
	for i, cells := range table(t, internals, "files", "what they are") {
		for _, name := range quoted(cells[0]) {
			if _, twice := line[name]; twice {
				t.Errorf("%s has two lines for %s", internals, name)
			}
			line[name] = i
		}
	}
	p := find(list(t), "websocket")
	for _, name := range p.GoFiles {
		if _, ok := line[name]; !ok {
			t.Errorf("%s has no line for %s", internals, name)
		}
	}
	for name := range line {
		if !slices.Contains(p.GoFiles, name) {
			t.Errorf("%s has a line for %s, which is not there", internals, name)
		}
	}
	for _, env := range platforms {
		if env != nil && testing.Short() {
			t.Logf("what files use with %s is for a test that is not -short: it compiles all that they import", env)
			continue
		}
		files, uses := load(t, "websocket", env)
		for _, broken := range upward(line, files, uses) {
			t.Error(broken)
		}
	}
}

func find(all []pkg, name string) pkg {
	return all[slices.IndexFunc(all, func(p pkg) bool { return p.name() == name })]
}

// upward returns what files use that stands above or beside them, sorted.
func upward(line map[string]int, files *token.FileSet, uses map[*ast.Ident]types.Object) []string {
	base := func(at token.Pos) string { return filepath.Base(files.Position(at).Filename) }
	found := make(map[string]bool)
	for id, obj := range uses {
		from, to := base(id.Pos()), base(obj.Pos())
		below, ok := line[to]
		if ok && from != to && line[from] >= below {
			found[fmt.Sprintf("%s uses %s of %s, which does not stand below it", from, obj.Name(), to)] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// load returns where a package of ours uses its own functions, methods, variables and
// constants on a platform.
func load(t *testing.T, name string, env []string) (*token.FileSet, map[*ast.Ident]types.Object) {
	t.Helper()
	p, files := find(listOn(t, env), name), token.NewFileSet()
	var parsed []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	exports := exports(t, p.ImportPath, env)
	open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	info := types.Info{Uses: make(map[*ast.Ident]types.Object)}
	config := types.Config{Importer: importer.ForCompiler(files, "gc", open)}
	checked, err := config.Check(p.ImportPath, files, parsed, &info)
	if err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(info.Uses, func(_ *ast.Ident, obj types.Object) bool {
		return obj.Pkg() != checked || !held(obj)
	})
	return files, info.Uses
}

// held reports whether a file must not use something of a file above it.
func held(obj types.Object) bool {
	switch obj.(type) {
	case *types.Func:
		return true
	case *types.Var, *types.Const:
		return obj.Parent() == obj.Pkg().Scope() // neither a field nor a local one
	}
	return false
}

// exports returns the files in which the compiler has put what the packages export
// that path imports on a platform.
func exports(t *testing.T, path string, env []string) map[string]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}", path)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	exports := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		exports[path] = file
	}
	return exports
}

func TestUpward(t *testing.T) {
	files := token.NewFileSet()
	const low, high = "package p\nfunc f() { g() }\nfunc h() {}", "package p\nfunc g() { h() }"
	var parsed []*ast.File
	for name, text := range map[string]string{"low.go": low, "high.go": high} {
		file, err := parser.ParseFile(files, name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	info := types.Info{Uses: make(map[*ast.Ident]types.Object)}
	if _, err := new(types.Config).Check("p", files, parsed, &info); err != nil {
		t.Fatal(err)
	}
	got := upward(map[string]int{"high.go": 0, "low.go": 1}, files, info.Uses)
	if want := []string{"low.go uses g of high.go, which does not stand below it"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
