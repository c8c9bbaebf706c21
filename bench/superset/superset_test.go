// Package superset holds our packages against github.com/gobwas/ws,
// github.com/coder/websocket and github.com/gorilla/websocket: a program that
// changes its import paths must compile.
package superset

import (
	"cmp"
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

// packages are the rooms that take the place of one of theirs.
var packages = map[string]string{
	"github.com/gobwas/ws":         "github.com/wirews/wirews/ws",
	"github.com/gobwas/ws/wsutil":  "github.com/wirews/wirews/wsutil",
	"github.com/gobwas/ws/wsflate": "github.com/wirews/wirews/wsflate",

	"github.com/coder/websocket":        "github.com/wirews/wirews/websocket",
	"github.com/coder/websocket/wsjson": "github.com/wirews/wirews/websocket/wsjson",

	"github.com/gorilla/websocket": "github.com/wirews/wirews/compat/gorilla",
}

func TestExportedAPIIsASuperset(t *testing.T) {
	imp := importer.ForCompiler(token.NewFileSet(), "source", nil)
	for theirs, ours := range packages {
		want, err := imp.Import(theirs)
		if err != nil {
			t.Fatal(err)
		}
		got, err := imp.Import(ours)
		if err != nil {
			t.Fatal(err)
		}
		c := comparison{t, want, got}
		n := 0
		for _, name := range want.Scope().Names() {
			if ast.IsExported(name) {
				n++
				c.object(name, want.Scope().Lookup(name), got.Scope().Lookup(name))
			}
		}
		if n < 20 && theirs != "github.com/coder/websocket/wsjson" || n < 2 {
			t.Errorf("%s exports %d names: has it been read?", theirs, n)
		}
	}
}

type comparison struct {
	*testing.T
	want, got *types.Package
}

// text writes a type as it reads in both packages, without the names of
// parameters. A type of another package of theirs stands for ours.
func (c comparison) text(t types.Type) string {
	s := types.TypeString(unnamed(t), func(p *types.Package) string {
		if p == c.want || p == c.got {
			return ""
		}
		return cmp.Or(packages[p.Path()], p.Path())
	})
	return strings.ReplaceAll(s, "interface{}", "any")
}

func unnamed(t types.Type) types.Type {
	sig, ok := t.(*types.Signature)
	if !ok {
		return t
	}
	strip := func(vars *types.Tuple) *types.Tuple {
		var out []*types.Var
		for i := range vars.Len() {
			out = append(out, types.NewParam(token.NoPos, nil, "", unnamed(vars.At(i).Type())))
		}
		return types.NewTuple(out...)
	}
	return types.NewSignatureType(nil, nil, nil, strip(sig.Params()), strip(sig.Results()), sig.Variadic())
}

func (c comparison) object(name string, want, got types.Object) {
	if got == nil {
		c.Errorf("%s is missing", name)
		return
	}
	switch want := want.(type) {
	case *types.TypeName:
		if _, ok := got.(*types.TypeName); !ok {
			c.Errorf("%s is no type", name)
			return
		}
		c.typeName(name, want.Type(), got.Type())
	case *types.Var:
		// A variable that holds an error may be a constant here: it is used in
		// the same way, and cannot be reassigned.
		if types.AssignableTo(got.Type(), want.Type()) || c.text(want.Type()) == c.text(got.Type()) {
			return
		}
		c.Errorf("%s has type %s, want %s", name, c.text(got.Type()), c.text(want.Type()))
	default:
		if c.text(want.Type()) != c.text(got.Type()) {
			c.Errorf("%s is %s, want %s", name, c.text(got.Type()), c.text(want.Type()))
		}
	}
}

func (c comparison) typeName(name string, want, got types.Type) {
	switch w := want.Underlying().(type) {
	case *types.Struct:
		g, ok := got.Underlying().(*types.Struct)
		if !ok {
			c.Errorf("%s is no struct", name)
			return
		}
		c.fields(name, w, g)
	default:
		if c.text(w) != c.text(got.Underlying()) {
			c.Errorf("%s is %s, want %s", name, c.text(got.Underlying()), c.text(w))
		}
	}
	wantMethods := types.NewMethodSet(types.NewPointer(want))
	gotMethods := types.NewMethodSet(types.NewPointer(got))
	for i := range wantMethods.Len() {
		m := wantMethods.At(i).Obj()
		if !m.Exported() {
			continue
		}
		g := gotMethods.Lookup(c.got, m.Name())
		if g == nil {
			c.Errorf("%s.%s is missing", name, m.Name())
			continue
		}
		if c.text(m.Type()) != c.text(g.Obj().Type()) {
			c.Errorf("%s.%s is %s, want %s", name, m.Name(), c.text(g.Obj().Type()), c.text(m.Type()))
		}
	}
}

// unkeyed are the structs that people write without field names or compare.
// They gain no fields and keep their order.
var unkeyed = "Header Frame Message CloseError StatusCodeRange"

func (c comparison) fields(name string, want, got *types.Struct) {
	fields := make(map[string]types.Type)
	for i := range got.NumFields() {
		fields[got.Field(i).Name()] = got.Field(i).Type()
	}
	for i := range want.NumFields() {
		f := want.Field(i)
		if !f.Exported() {
			continue
		}
		g, ok := fields[f.Name()]
		if !ok || c.text(g) != c.text(f.Type()) {
			c.Errorf("%s.%s is %v, want %s", name, f.Name(), g, c.text(f.Type()))
		}
	}
	for _, u := range strings.Fields(unkeyed) {
		if u == name && c.text(want) != c.text(got) {
			c.Errorf("%s is %s, want %s", name, c.text(got), c.text(want))
		}
	}
}
