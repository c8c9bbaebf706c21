// Package layers holds the packages of this module against docs/design.md:
// which of them may import which. It has no code of its own.
package layers

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/wirews/wirews/"

// allowed lists, per package, what it may import besides the standard
// library; forbidden what it may not import of the standard library either.
// internal packages import nothing of ours.
var rules = map[string]struct{ allowed, forbidden []string }{
	"internal/utf8check": {allowed: []string{"golang.org/x/sys/cpu"}, forbidden: []string{"unsafe"}},
	"internal/headscan":  {allowed: []string{"golang.org/x/sys/cpu"}, forbidden: []string{"unsafe"}},
	"internal/mask":      {allowed: []string{"golang.org/x/sys/cpu"}, forbidden: []string{"unsafe"}},
	"internal/pmd":       {allowed: []string{"github.com/gobwas/httphead"}, forbidden: []string{"unsafe"}},
	"httpx":              {allowed: []string{module + "internal/headscan"}, forbidden: []string{"net/http", "net", "io", "bufio", "os", "unsafe"}},
	"ws": {
		allowed: []string{
			module + "httpx", "github.com/gobwas/httphead", "github.com/gobwas/pool/pbufio",
			module + "internal/mask", module + "internal/entropy", module + "internal/growread", module + "internal/earlyconn",
			module + "internal/pmd",
		},
		forbidden: []string{"unsafe", "compress/flate"},
	},
	"wsproto": {
		allowed: []string{
			module + "ws", "github.com/gobwas/httphead",
			module + "internal/mask", module + "internal/utf8check", module + "internal/shortframe",
		},
		forbidden: []string{"net/http", "net", "math/rand", "math/rand/v2", "crypto/rand", "bufio", "os", "unsafe"},
	},
	// The judge shares nothing with what it judges.
	"autobahn": {forbidden: []string{"net/http", "unsafe"}},
	"wsutil": {
		allowed: []string{
			module + "httpx", module + "ws", module + "wsproto",
			module + "internal/mask", module + "internal/utf8check", module + "internal/shortframe",
			module + "internal/growread", module + "internal/earlyconn",
		},
		forbidden: []string{"net/http", "unsafe"},
	},
	"wsflate": {
		allowed: []string{
			module + "ws", module + "wsproto", "github.com/gobwas/httphead",
			module + "internal/inflate", module + "internal/deflate", module + "internal/pagealias", module + "internal/pmd",
		},
		forbidden: []string{"net/http", "net", "unsafe", "compress/flate"},
	},
	"websocket": {
		allowed: []string{
			module + "httpx", module + "ws", module + "wsproto", module + "wsflate", "github.com/gobwas/httphead",
			module + "internal/rawio", module + "internal/hangup", module + "internal/pagealias",
		},
		forbidden: []string{"unsafe", "compress/flate"},
	},
	"websocket/wsjson": {allowed: []string{module + "websocket"}, forbidden: []string{"unsafe", "net/http"}},
}

type pkg struct {
	ImportPath string
	Dir        string
	Imports    []string
	GoFiles    []string
}

func list(t *testing.T) (all []pkg) {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles", module+"...")
	cmd.Dir = filepath.Join("..", "..")
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
	}
}

func TestPackagesImportOnlyWhatStandsAboveThem(t *testing.T) {
	seen := 0
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		internal := strings.HasPrefix(name, "internal/")
		rule, known := rules[name]
		if !internal && !known {
			t.Errorf("%s has no rule here: add it, and to docs/design.md", name)
			continue
		}
		if known {
			seen++
		}
		for _, imp := range p.Imports {
			standard := !strings.Contains(strings.Split(imp, "/")[0], ".")
			switch {
			case slices.Contains(rule.forbidden, imp):
				t.Errorf("%s imports %s, which it must not know", name, imp)
			case standard, slices.Contains(rule.allowed, imp):
			default:
				t.Errorf("%s imports %s, which does not stand above it", name, imp)
			}
		}
	}
	if seen != len(rules) {
		t.Errorf("go list shows %d packages, there are rules for %d", seen, len(rules))
	}
}

// TestWsprotoReadsNoClock: of package time it knows what a duration is. Time
// is an argument.
func TestWsprotoReadsNoClock(t *testing.T) {
	allowed := []string{"Duration", "Second"}
	seen := 0
	for _, p := range list(t) {
		if p.ImportPath != module+"wsproto" {
			continue
		}
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" {
					if seen++; !slices.Contains(allowed, sel.Sel.Name) {
						t.Errorf("%s uses time.%s", name, sel.Sel.Name)
					}
				}
				return true
			})
		}
	}
	if seen == 0 {
		t.Error("no use of package time was found")
	}
}

// TestOneFileKnowsNetHTTP: it is the one of HTTPUpgrader, and the whole of
// package websocket, which is about net/http's users.
func TestOneFileKnowsNetHTTP(t *testing.T) {
	for _, p := range list(t) {
		if p.ImportPath == module+"websocket" {
			continue
		}
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, imp := range f.Imports {
				if imp.Path.Value == `"net/http"` && name != "http_upgrader.go" {
					t.Errorf("%s/%s imports net/http", p.ImportPath, name)
				}
			}
		}
	}
}
