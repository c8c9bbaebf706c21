// Package coder holds docs/migrating-from-coder.md against what it says.
package coder

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const theirs, ours = "github.com/coder/websocket", "github.com/wirews/wirews/websocket"

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTheImportPathIsAllThatChanges(t *testing.T) {
	before, after := read(t, "before/main.go"), read(t, "after/main.go")
	if strings.ReplaceAll(before, theirs, ours) != after {
		t.Error("the programs differ in more than the import path")
	}
	page := read(t, filepath.Join("..", "..", "docs", "migrating-from-coder.md"))
	for name, program := range map[string]string{"before": before, "after": after} {
		if !strings.Contains(page, "```go\n"+program+"```") {
			t.Errorf("the page does not show the program %q as it is", name)
		}
	}
}

func TestBothProgramsSayTheSame(t *testing.T) {
	const want = "subprotocol count\none 1\ntwo 1\none 2\nthe client has left\n"
	for _, name := range []string{"before", "after"} {
		bin := filepath.Join(t.TempDir(), name)
		if out, err := exec.Command("go", "build", "-o", bin, "./"+name).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		out, err := exec.Command(bin).CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// The table of the page names every exported identifier of theirs.
func TestThePageNamesEverything(t *testing.T) {
	page := read(t, filepath.Join("..", "..", "docs", "migrating-from-coder.md"))
	for _, pkg := range []string{theirs, theirs + "/wsjson"} {
		out, err := exec.Command("go", "doc", "-short", pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(string(out)) {
			f := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" (\t\n=", r) })
			if len(f) < 2 || f[0] != "func" && f[0] != "type" && f[0] != "var" {
				continue
			}
			if n++; !strings.Contains(page, "`"+f[1]) {
				t.Errorf("the page does not speak of %s", f[1])
			}
		}
		if n < 2 {
			t.Errorf("%s: %d identifiers: has it been read?", pkg, n)
		}
	}
}
