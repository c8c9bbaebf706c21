package prose

import (
	"go/ast"
	"go/build"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/wirews/wirews/"
)

// program knows the constants of this module's packages, exported or not.
type program struct {
	files *token.FileSet
	known map[string]*types.Package
}

func newProgram() *program {
	return &program{token.NewFileSet(), make(map[string]*types.Package)}
}

// durations is what constants need of package time.
const durations = `package time

type Duration int64

const (
	Nanosecond  Duration = 1
	Microsecond          = 1000 * Nanosecond
	Millisecond          = 1000 * Microsecond
	Second               = 1000 * Millisecond
	Minute               = 60 * Second
	Hour                 = 60 * Minute
)
`

// Import returns a package of ours with its constants, and of the standard
// library only durations, which is all that they are made of. What is missing
// elsewhere does not matter.
func (p *program) Import(path string) (*types.Package, error) {
	if pkg, ok := p.known[path]; ok {
		return pkg, nil
	}
	name, ours := strings.CutPrefix(path, module)
	var pkg *types.Package
	var err error
	switch {
	case ours:
		pkg, err = p.check(path, filepath.Join(root, filepath.FromSlash(name)))
	case path == "time":
		var f *ast.File
		if f, err = parser.ParseFile(p.files, "time.go", durations, 0); err == nil {
			pkg, err = new(types.Config).Check(path, p.files, []*ast.File{f}, nil)
		}
	default:
		pkg = types.NewPackage(path, path[strings.LastIndexByte(path, '/')+1:])
		pkg.MarkComplete()
	}
	if err != nil {
		return nil, err
	}
	p.known[path] = pkg
	return pkg, nil
}

func (p *program) check(path, dir string) (*types.Package, error) {
	list, err := build.ImportDir(dir, 0)
	if err != nil {
		return nil, err
	}
	var parsed []*ast.File
	for _, name := range list.GoFiles {
		f, err := parser.ParseFile(p.files, filepath.Join(dir, name), nil, 0)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, f)
	}
	config := types.Config{Importer: p, IgnoreFuncBodies: true, Error: func(error) {}}
	pkg, _ := config.Check(path, p.files, parsed, nil) // without most of the standard library there are errors
	return pkg, nil
}

// value returns the constant that is named as in "wsproto.DefaultMaxMessage".
func (p *program) value(t *testing.T, name string) int64 {
	t.Helper()
	dot := strings.LastIndexByte(name, '.')
	pkg, err := p.Import(module + name[:dot])
	if err != nil {
		t.Fatal(err)
	}
	c, ok := pkg.Scope().Lookup(name[dot+1:]).(*types.Const)
	if !ok {
		t.Fatalf("%s is no constant", name)
	}
	v, ok := constant.Int64Val(constant.ToInt(c.Val()))
	if !ok {
		t.Fatalf("%s is %s", name, c.Val())
	}
	return v
}
