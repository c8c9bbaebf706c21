package replace

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
)

// notes returns what the documentation of one of our packages calls deprecated, by
// name: the paragraph that says so.
func notes(pkg string) map[string]string {
	found := make(map[string]string)
	paths, _ := filepath.Glob(filepath.Join(Root, strings.TrimPrefix(pkg, ours), "*.go"))
	fset := token.NewFileSet()
	var files []*ast.File
	for _, p := range paths {
		if strings.HasSuffix(p, "_test.go") {
			continue
		}
		if f, err := parser.ParseFile(fset, p, nil, parser.ParseComments); err == nil {
			files = append(files, f)
		}
	}
	d, err := doc.NewFromFiles(fset, files, pkg)
	if err != nil {
		return found
	}
	see := func(text string, names ...string) {
		if _, note, ok := strings.Cut(text, "Deprecated: "); ok {
			note, _, _ = strings.Cut(note, "\n\n")
			for _, name := range names {
				found[name] = "Deprecated: " + strings.ReplaceAll(strings.TrimSpace(note), "\n", "\n// ")
			}
		}
	}
	funcs := d.Funcs
	values := append(d.Consts, d.Vars...)
	for _, t := range d.Types {
		see(t.Doc, t.Name)
		funcs = append(funcs, t.Funcs...)
		values = append(append(values, t.Consts...), t.Vars...)
	}
	for _, f := range funcs {
		see(f.Doc, f.Name)
	}
	for _, v := range values {
		see(v.Doc, v.Names...)
	}
	return found
}

// Root is the folder of the core.
var Root = filepath.Join("..", "..")
