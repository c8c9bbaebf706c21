package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// eachFile calls f for each file of a package that is not a test.
func (p pkg) eachFile(t *testing.T, mode parser.Mode, f func(name string, file *ast.File)) {
	t.Helper()
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, mode)
		if err != nil {
			t.Fatal(err)
		}
		f(name, file)
	}
}

// TestTimeIsAnArgument: the state of a connection reads no clock. Of package time
// it knows what a duration is.
func TestTimeIsAnArgument(t *testing.T) {
	allowed := map[string][]string{
		"wsproto":           {"Duration", "Second", "Millisecond", "Microsecond"},
		"internal/endpoint": {"Duration"},
	}
	seen := make(map[string]bool)
	for _, p := range list(t) {
		allowed, ok := allowed[p.name()]
		if !ok {
			continue
		}
		p.eachFile(t, 0, func(name string, file *ast.File) {
			ast.Inspect(file, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" {
					if seen[p.name()] = true; !slices.Contains(allowed, sel.Sel.Name) {
						t.Errorf("%s/%s uses time.%s", p.name(), name, sel.Sel.Name)
					}
				}
				return true
			})
		})
	}
	if len(seen) != len(allowed) {
		t.Errorf("uses of package time were found in %v only", seen)
	}
}

// TestNothingWaits: the state of a connection starts no goroutine, and waits for
// none. Locks are the business of whoever has the goroutines; of packages with
// locks, the table of imports says who may have them.
func TestNothingWaits(t *testing.T) {
	without := []string{"httpx", "wsproto", "internal/endpoint", "internal/pmd", "internal/inflate", "internal/deflate"}
	seen := 0
	for _, p := range list(t) {
		if !slices.Contains(without, p.name()) {
			continue
		}
		seen++
		p.eachFile(t, 0, func(name string, file *ast.File) {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n.(type) {
				case *ast.GoStmt:
					t.Errorf("%s/%s starts a goroutine", p.name(), name)
				case *ast.ChanType, *ast.SendStmt, *ast.SelectStmt:
					t.Errorf("%s/%s has a channel", p.name(), name)
				}
				return true
			})
		})
	}
	if seen != len(without) {
		t.Errorf("%d of %d packages were found", seen, len(without))
	}
}

// TestOneFrontKnowsNetHTTP: it is ws's front for net/http, in files of its own
// (http_*.go), and the whole of the packages that are about net/http's users, and of
// wstest, which tests them, and of what is between an http.Client and a stream.
func TestOneFrontKnowsNetHTTP(t *testing.T) {
	for _, p := range list(t) {
		switch p.name() {
		case "websocket", "websocket/wstest", "compat/gorilla", "internal/streamreq":
			continue
		}
		p.eachFile(t, parser.ImportsOnly, func(name string, file *ast.File) {
			for _, imp := range file.Imports {
				if imp.Path.Value == `"net/http"` && !(p.name() == "ws" && strings.HasPrefix(name, "http_")) {
					t.Errorf("%s/%s imports net/http", p.ImportPath, name)
				}
			}
		})
	}
}
