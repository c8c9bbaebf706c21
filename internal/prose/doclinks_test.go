package prose

import (
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocLinksLeadSomewhere: what stands in brackets in the documentation of a
// package, as [Conn.Write] or [ws.ErrShort] do, is a name that go doc makes a link
// of. One that it does not know stays as it is, brackets and all.
func TestDocLinksLeadSomewhere(t *testing.T) {
	bracketed := regexp.MustCompile(`\[\*?(?:[a-z]\w*\.)?[A-Z]\w*(?:\.[A-Z]\w*)?\]`)
	links := 0
	for _, name := range []string{"autobahn", "compat/gorilla", "httpx", "websocket", "websocket/wsjson", "websocket/wstest", "ws", "wsflate", "wshub", "wshub/bustest", "wspoll", "wsproto", "wsutil"} {
		p := documentation(t, name)
		for _, text := range commentsOf(p) {
			for _, block := range p.Parser().Parse(text).Content {
				for _, part := range textOf(block) {
					switch part := part.(type) {
					case *comment.DocLink:
						links++
					case comment.Plain:
						for _, found := range bracketed.FindAllString(string(part), -1) {
							t.Errorf("package %s has no %s", name, found)
						}
					}
				}
			}
		}
	}
	if links < 100 {
		t.Errorf("%d links: have they been read?", links)
	}
}

// documentation returns that of a package of ours.
func documentation(t *testing.T, name string) *doc.Package {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(name), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(set, files, "github.com/wirews/wirews/"+name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// commentsOf returns all comments that go doc shows of a package.
func commentsOf(p *doc.Package) []string {
	all := []string{p.Doc}
	values := func(list []*doc.Value) {
		for _, v := range list {
			all = append(all, v.Doc)
		}
	}
	funcs := func(list []*doc.Func) {
		for _, f := range list {
			all = append(all, f.Doc)
		}
	}
	values(p.Consts)
	values(p.Vars)
	funcs(p.Funcs)
	for _, typ := range p.Types {
		all = append(all, typ.Doc)
		values(typ.Consts)
		values(typ.Vars)
		funcs(typ.Funcs)
		funcs(typ.Methods)
	}
	return all
}

// textOf returns the text of a block, that of lists included.
func textOf(block comment.Block) []comment.Text {
	switch block := block.(type) {
	case *comment.Paragraph:
		return block.Text
	case *comment.List:
		var all []comment.Text
		for _, item := range block.Items {
			for _, inner := range item.Content {
				all = append(all, textOf(inner)...)
			}
		}
		return all
	}
	return nil
}
