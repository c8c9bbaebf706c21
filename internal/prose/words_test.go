package prose

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// unplain are words that a reader of plain English stumbles over, with what to write
// instead. What is allowed is what they are right for.
var unplain = []struct {
	words, instead string
	allowed        string
}{
	{`(?i)\bbehind\b`, "after; behind is for space", `(?i)behind (a|the|another) (reverse )?proxy`},
	{`\bbut for\b`, "except", ``},
	{`\bcomes? to (nothing|the same|that|more)\b`, "is, makes", ``},
	{`\b(and|to) judge\b|\bjudged by\b`, "check", ``},
	{`(?:^|[.:] )Who [a-z][^.?|]*[.:]`, "whoever, the caller, the peer", ``},
	{`\ba context that ends, ends\b`, "cancelling a context ends", ``},
}

// TestTextsAreInPlainEnglish: what users read has none of these words.
func TestTextsAreInPlainEnglish(t *testing.T) {
	all := texts(t)
	for name, text := range comments(t) {
		all[name] = text
	}
	for name, text := range all {
		for _, u := range unplain {
			kept := text
			if u.allowed != "" {
				kept = regexp.MustCompile(u.allowed).ReplaceAllString(text, "")
			}
			for _, at := range regexp.MustCompile(u.words).FindAllStringIndex(kept, -1) {
				t.Errorf("%s: %q: write %s", name, kept[max(0, at[0]-40):min(len(kept), at[1]+20)], u.instead)
			}
		}
	}
}

// comments returns those that the reference shows: of the packages that users import,
// in their exported declarations, by file.
func comments(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for _, dir := range []string{"httpx", "ws", "wsproto", "wsutil", "wsflate", "websocket", "wspoll", "wshub", "compat/gorilla", "autobahn", "wsprom"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			text := f.Doc.Text()
			for _, d := range f.Decls {
				text += " | " + shown(d, f.Comments)
			}
			name, _ := filepath.Rel(root, path)
			all[filepath.ToSlash(name)] = strings.Join(strings.Fields(text), " ")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// shown returns the comments that go doc shows of a declaration: its own, and those
// within it unless it is a function.
func shown(d ast.Decl, comments []*ast.CommentGroup) (text string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() {
			text = d.Doc.Text()
		}
	case *ast.GenDecl:
		exported := slices.ContainsFunc(d.Specs, func(s ast.Spec) bool {
			switch s := s.(type) {
			case *ast.TypeSpec:
				return s.Name.IsExported()
			case *ast.ValueSpec:
				return slices.ContainsFunc(s.Names, (*ast.Ident).IsExported)
			}
			return false
		})
		if !exported {
			return ""
		}
		text = d.Doc.Text()
		for _, c := range comments {
			if c.Pos() > d.Pos() && c.End() < d.End() {
				text += " | " + c.Text()
			}
		}
	}
	return text
}
