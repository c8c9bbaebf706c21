package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestTestsSleepInBubblesOnly: a test that sleeps waits for too long on an idle
// machine, and for not long enough on a busy one. In a bubble of testing/synctest
// that is how time passes. Files that sleep have to make one.
func TestTestsSleepInBubblesOnly(t *testing.T) {
	inBubblesOfOthers := map[string]bool{
		"autobahn/model_test.go": true, // the peer that broken_test.go plays in bubbles
	}
	root := filepath.Join("..", "..")
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") && path != root):
			return fs.SkipDir
		case !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		seen++
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		short, _ := filepath.Rel(root, path)
		if sleeps, bubbles := sleeping(file); sleeps && !bubbles && !inBubblesOfOthers[filepath.ToSlash(short)] {
			t.Errorf("%s sleeps, and makes no bubble: wait for an event, or by internal/wstest.Until", short)
		}
		return nil
	})
	if err != nil || seen < 100 {
		t.Errorf("%d files of tests, %v", seen, err)
	}
}

// sleeping reports whether a file calls time.Sleep, and whether it makes a bubble: by
// synctest.Test, or by a function with bubble in its name.
func sleeping(file *ast.File) (sleeps, bubbles bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch f := call.Fun.(type) {
		case *ast.SelectorExpr:
			x, _ := f.X.(*ast.Ident)
			sleeps = sleeps || x != nil && x.Name == "time" && f.Sel.Name == "Sleep"
			bubbles = bubbles || x != nil && x.Name == "synctest" && f.Sel.Name == "Test"
		case *ast.Ident:
			bubbles = bubbles || strings.Contains(strings.ToLower(f.Name), "bubble")
		}
		return true
	})
	return sleeps, bubbles
}

func TestSleeping(t *testing.T) {
	for body, want := range map[string][2]bool{
		"f()":                                   {false, false},
		"time.Sleep(1)":                         {true, false},
		"x.Sleep(1)":                            {false, false},
		"synctest.Test(t, f); go time.Sleep(2)": {true, true},
		"inBubble(t, func() { time.Sleep(1) })": {true, true},
		"synctest.Wait(); for ; ; time.Sleep(1) { }": {true, false},
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "a.go", "package a\nfunc g() { "+body+" }", 0)
		if err != nil {
			t.Fatal(err)
		}
		if sleeps, bubbles := sleeping(file); sleeps != want[0] || bubbles != want[1] {
			t.Errorf("%s: %v, %v", body, sleeps, bubbles)
		}
	}
}
