package api

import (
	"fmt"
	"go/token"
	"go/types"
)

// lines returns the exported API of a package, one line for each constant,
// variable, function, type, field and method, by name. Fields stand in their
// order, because programs may rely on it. Parameters have no names: they are
// documentation, and change nothing for programs.
func lines(p *types.Package) []string {
	l := list{p: p}
	for _, name := range p.Scope().Names() {
		obj := p.Scope().Lookup(name)
		if !obj.Exported() {
			continue
		}
		switch obj := obj.(type) {
		case *types.Const:
			l.constant(obj)
		case *types.Var:
			l.add("var %s %s", name, l.text(obj.Type()))
		case *types.Func:
			l.add("func %s%s", name, l.signature(obj))
		case *types.TypeName:
			l.typeName(obj)
		}
	}
	return l.lines
}

type list struct {
	p     *types.Package
	lines []string
}

func (l *list) add(format string, args ...any) {
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

var errorType = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

// constant leaves out the value of an error: it is the text.
func (l *list) constant(c *types.Const) {
	if types.Implements(c.Type(), errorType) {
		l.add("const %s %s", c.Name(), l.text(c.Type()))
		return
	}
	l.add("const %s %s = %s", c.Name(), l.text(c.Type()), c.Val().ExactString())
}

func (l *list) typeName(obj *types.TypeName) {
	if obj.IsAlias() {
		t := obj.Type()
		if alias, ok := t.(*types.Alias); ok {
			t = alias.Rhs()
		}
		l.add("type %s = %s", obj.Name(), l.text(t))
		return
	}
	named := l.text(obj.Type()) // with type parameters
	switch t := obj.Type().Underlying().(type) {
	case *types.Struct:
		l.add("type %s struct", named)
		l.fields(obj.Name(), t)
	case *types.Interface:
		l.add("type %s interface", named)
		l.interfaceMethods(obj.Name(), t)
		return
	default:
		l.add("type %s %s", named, l.text(t))
	}
	l.methods(obj)
}

// fields lists those of a struct, and those that it has from an embedded one
// that nobody outside can name.
func (l *list) fields(name string, s *types.Struct) {
	for f := range s.Fields() {
		t := f.Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		inner, isStruct := t.Underlying().(*types.Struct)
		switch {
		case f.Exported() && f.Embedded():
			l.add("field %s.%s embedded %s", name, f.Name(), l.text(f.Type()))
		case f.Exported():
			l.add("field %s.%s %s", name, f.Name(), l.text(f.Type()))
		case f.Embedded() && isStruct:
			l.fields(name, inner)
		}
	}
}

// methods lists all that a value or a pointer has, promoted ones too.
func (l *list) methods(obj *types.TypeName) {
	ofValue := types.NewMethodSet(obj.Type())
	for m := range types.NewMethodSet(types.NewPointer(obj.Type())).Methods() {
		if !m.Obj().Exported() {
			continue
		}
		star := "*"
		if ofValue.Lookup(l.p, m.Obj().Name()) != nil {
			star = ""
		}
		l.add("method (%s%s) %s%s", star, obj.Name(), m.Obj().Name(), l.signature(m.Obj()))
	}
}

// interfaceMethods lists those of an interface. One that is not exported keeps
// others from implementing it.
func (l *list) interfaceMethods(name string, t *types.Interface) {
	for e := range t.EmbeddedTypes() {
		if _, named := e.(*types.Named); !named {
			l.add("constraint %s %s", name, l.text(e))
		}
	}
	sealed := false
	for m := range t.Methods() {
		if m.Exported() {
			l.add("method (%s) %s%s", name, m.Name(), l.signature(m))
		} else {
			sealed = true
		}
	}
	if sealed {
		l.add("method (%s) that is not exported", name)
	}
}

// signature returns the type of a function without the word func.
func (l *list) signature(f types.Object) string {
	return l.text(f.Type())[len("func"):]
}

func (l *list) text(t types.Type) string {
	return types.TypeString(unnamed(t), func(p *types.Package) string {
		if p == l.p {
			return ""
		}
		return p.Name()
	})
}

// unnamed returns t, if it is a function, without the names of parameters.
func unnamed(t types.Type) types.Type {
	sig, ok := t.(*types.Signature)
	if !ok || sig.TypeParams().Len() > 0 {
		return t
	}
	strip := func(vars *types.Tuple) *types.Tuple {
		var out []*types.Var
		for v := range vars.Variables() {
			out = append(out, types.NewParam(token.NoPos, nil, "", unnamed(v.Type())))
		}
		return types.NewTuple(out...)
	}
	return types.NewSignatureType(nil, nil, nil, strip(sig.Params()), strip(sig.Results()), sig.Variadic())
}
