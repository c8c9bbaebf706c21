package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// TestExportedAPI: what has been released is not changed by accident.
func TestExportedAPI(t *testing.T) { Check(t, "../..", Module+"/...") }

func TestLines(t *testing.T) {
	const src = `package p
type Fault string
func (f Fault) Error() string { return string(f) }
const (
	Untyped = 1 << 3
	Typed Code = 1000
	Text = "a"
	ErrFault = Fault("its text")
	hidden = 1
)
type Code uint16
var V = map[string][]Code{}
func F(dst []byte, more ...int) (out []byte, err error) { return }
func G[T any](v T) T { return v }
type inner struct { Promoted int; own int }
func (*inner) Deep(x int) {}
type second struct { AlsoPromoted int }
type Outer struct {
	inner
	*second
	*Code
	B bool
	A, a int
	On func(name string) (ok bool)
}
func (o Outer) Value() {}
func (o *Outer) Pointer() {}
func (o *Outer) hidden() {}
type Open interface { Do(x int) error }
type Sealed interface { Open; own() }
type List[T any] []T
type Alias = Outer
`
	want := []string{
		"type Alias = Outer",
		"type Code uint16",
		"const ErrFault Fault",
		"func F([]byte, ...int) ([]byte, error)",
		"type Fault string",
		"method (Fault) Error() string",
		"func G[T any](v T) T",
		"type List[T any] []T",
		"type Open interface",
		"method (Open) Do(int) error",
		"type Outer struct",
		"field Outer.Promoted int",
		"field Outer.AlsoPromoted int",
		"field Outer.Code embedded *Code",
		"field Outer.B bool",
		"field Outer.A int",
		"field Outer.On func(string) bool",
		"method (*Outer) Deep(int)",
		"method (*Outer) Pointer()",
		"method (Outer) Value()",
		"type Sealed interface",
		"method (Sealed) Do(int) error",
		"method (Sealed) that is not exported",
		`const Text untyped string = "a"`,
		"const Typed Code = 1000",
		"const Untyped untyped int = 8",
		"var V map[string][]Code",
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := new(types.Config).Check("p", fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := lines(p); !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

func TestDifference(t *testing.T) {
	tests := []struct{ want, got, difference string }{
		{"a b c", "a c d", "- b\n+ d"},
		{"", "a", "+ a"},
		{"a", "", "- a"},
		{"a b", "b a", "the same lines, in another order"},
	}
	for _, test := range tests {
		if d := difference(strings.Fields(test.want), strings.Fields(test.got)); d != test.difference {
			t.Errorf("%q, %q: %q", test.want, test.got, d)
		}
	}
}
