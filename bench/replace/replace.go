// Package replace makes the packages of the modules in compat/replace: all names
// that another library exports, as aliases of ours and as functions that call ours.
// A test holds what is there against what it makes, and against the libraries.
//
//go:generate go run ./write
package replace

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/importer"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
)

// Package is one that is made.
type Package struct {
	Dir    string // in compat/replace
	Path   string // by which programs import it
	Theirs string // whose names it has: that of the path, or of the same API
	Ours   string // which has them
}

// Packages are all of them. nhooyr.io/websocket is the former name of
// github.com/coder/websocket.
var Packages = []Package{
	{"gobwas", "github.com/gobwas/ws", "github.com/gobwas/ws", ours + "ws"},
	{"gobwas/wsutil", "github.com/gobwas/ws/wsutil", "github.com/gobwas/ws/wsutil", ours + "wsutil"},
	{"gobwas/wsflate", "github.com/gobwas/ws/wsflate", "github.com/gobwas/ws/wsflate", ours + "wsflate"},
	{"coder", "github.com/coder/websocket", "github.com/coder/websocket", ours + "websocket"},
	{"coder/wsjson", "github.com/coder/websocket/wsjson", "github.com/coder/websocket/wsjson", ours + "websocket/wsjson"},
	{"nhooyr", "nhooyr.io/websocket", "github.com/coder/websocket", ours + "websocket"},
	{"nhooyr/wsjson", "nhooyr.io/websocket/wsjson", "github.com/coder/websocket/wsjson", ours + "websocket/wsjson"},
	{"gorilla", "github.com/gorilla/websocket", "github.com/gorilla/websocket", ours + "compat/gorilla"},
}

const ours = "github.com/wirews/wirews/"

// through are functions that use a variable of their package. Programs set the
// variable that they see, which is a copy: the function has to look at that one.
var through = map[string]string{
	"github.com/gobwas/ws.Dial":                          "DefaultDialer.Dial(ctx, urlstr)",
	"github.com/gobwas/ws.Upgrade":                       "DefaultUpgrader.Upgrade(conn)",
	"github.com/gobwas/ws.UpgradeHTTP":                   "DefaultHTTPUpgrader.Upgrade(r, w)",
	"github.com/gobwas/ws/wsutil.NewWriter":              "wirews.NewWriterBufferSize(dest, state, op, DefaultWriteBuffer)",
	"github.com/gobwas/ws/wsflate.CompressFrame":         "DefaultHelper.CompressFrame(f)",
	"github.com/gobwas/ws/wsflate.CompressFrameBuffer":   "DefaultHelper.CompressFrameBuffer(buf, f)",
	"github.com/gobwas/ws/wsflate.DecompressFrame":       "DefaultHelper.DecompressFrame(f)",
	"github.com/gobwas/ws/wsflate.DecompressFrameBuffer": "DefaultHelper.DecompressFrameBuffer(buf, f)",
}

// load returns the packages with those paths, as they are in this module's build.
func load(paths ...string) (map[string]*types.Package, error) {
	imp := importer.ForCompiler(token.NewFileSet(), "source", nil)
	loaded := make(map[string]*types.Package)
	for _, p := range paths {
		pkg, err := imp.Import(p)
		if err != nil {
			return nil, err
		}
		loaded[p] = pkg
	}
	return loaded, nil
}

// Files returns what is in the files of all packages, by their path in
// compat/replace.
func Files() (map[string][]byte, error) {
	var paths []string
	for _, p := range Packages {
		paths = append(paths, p.Theirs, p.Ours)
	}
	loaded, err := load(paths...)
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte)
	for _, p := range Packages {
		text, err := p.file(loaded[p.Theirs], loaded[p.Ours])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Path, err)
		}
		files[path.Join(p.Dir, "aliases.go")] = text
	}
	return files, nil
}

// file returns the file of a package.
func (p Package) file(theirs, ours *types.Package) ([]byte, error) {
	f := &file{Package: p, name: theirs.Name(), ours: ours, imports: make(map[string]string), notes: notes(p.Ours)}
	for _, name := range theirs.Scope().Names() {
		if !ast.IsExported(name) {
			continue
		}
		obj := ours.Scope().Lookup(name)
		if obj == nil {
			return nil, fmt.Errorf("%s has no %s", p.Ours, name)
		}
		f.add(obj)
	}
	return format.Source(f.bytes())
}

// file is a file that is being made.
type file struct {
	Package
	name    string
	ours    *types.Package
	imports map[string]string // names by path
	notes   map[string]string // what is deprecated

	consts, vars, typeNames, funcs bytes.Buffer
}

func (f *file) add(obj types.Object) {
	name := obj.Name()
	switch obj := obj.(type) {
	case *types.Const:
		fmt.Fprintf(&f.consts, "%s%s = wirews.%s\n", f.note(name), name, name)
	case *types.Var:
		fmt.Fprintf(&f.vars, "%s%s = wirews.%s\n", f.note(name), name, name)
	case *types.TypeName:
		fmt.Fprintf(&f.typeNames, "%s%s = wirews.%s\n", f.note(name), name, name)
	case *types.Func:
		f.function(name, obj.Signature())
	}
}

// note returns a comment for what is deprecated.
func (f *file) note(name string) string {
	if f.notes[name] == "" {
		return ""
	}
	return fmt.Sprintf("// %s is deprecated.\n//\n// %s\n", name, f.notes[name])
}

func (f *file) function(name string, sig *types.Signature) {
	var params, args []string
	for i := range sig.Params().Len() {
		v := sig.Params().At(i)
		arg, typ := v.Name(), types.TypeString(v.Type(), f.qualify)
		if arg == "" || arg == "_" || slices.Contains([]string{"url", "http", "wirews"}, arg) {
			arg = fmt.Sprintf("p%d", i)
		}
		if sig.Variadic() && i == sig.Params().Len()-1 {
			typ = "..." + strings.TrimPrefix(typ, "[]")
			params, args = append(params, arg+" "+typ), append(args, arg+"...")
			continue
		}
		params, args = append(params, arg+" "+typ), append(args, arg)
	}
	results := ""
	if sig.Results().Len() > 0 {
		results = types.TypeString(sig.Results(), f.qualify)
	}
	call := "wirews." + name + "(" + strings.Join(args, ", ") + ")"
	if other, ok := through[f.Path+"."+name]; ok {
		call = other
	}
	if results != "" {
		call = "return " + call
	}
	note := f.note(name)
	if note == "" {
		note = fmt.Sprintf("// %s is that of %s.\n", name, f.Ours)
	}
	fmt.Fprintf(&f.funcs, "\n%sfunc %s(%s) %s { %s }\n", note, name, strings.Join(params, ", "), results, call)
}

// qualify returns the name of a package in the file, which then imports it.
func (f *file) qualify(p *types.Package) string {
	if p == f.ours {
		return "wirews"
	}
	f.imports[p.Path()] = p.Name()
	return p.Name()
}

func (f *file) bytes() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// Code generated by bench/replace. DO NOT EDIT.\n\n")
	fmt.Fprintf(&b, "// Package %s has the names of %s, which are those of\n// %s: a go.mod that replaces the one module by\n// the other moves a program and all that it uses.\npackage %s\n\n", f.name, f.Path, f.Ours, f.name)
	var std, others []string
	for p := range f.imports {
		if first, _, _ := strings.Cut(p, "/"); strings.Contains(first, ".") {
			others = append(others, fmt.Sprintf("%q\n", p))
		} else {
			std = append(std, fmt.Sprintf("%q\n", p))
		}
	}
	slices.Sort(std)
	slices.Sort(others)
	fmt.Fprintf(&b, "import (\n%s\n%s\nwirews %q\n)\n", strings.Join(std, ""), strings.Join(others, ""), f.Ours)
	for _, group := range []struct {
		what, about string
		text        *bytes.Buffer
	}{
		{"const", fmt.Sprintf("The constants of %s.", f.Ours), &f.consts},
		{"var", fmt.Sprintf("The variables of %s: copies of their values.", f.Ours), &f.vars},
		{"type", fmt.Sprintf("The types of %s.", f.Ours), &f.typeNames},
	} {
		if group.text.Len() > 0 {
			fmt.Fprintf(&b, "\n// %s\n%s (\n%s)\n", group.about, group.what, group.text)
		}
	}
	b.Write(f.funcs.Bytes())
	return b.Bytes()
}
