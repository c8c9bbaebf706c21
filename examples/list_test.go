package examples_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestTheListHasEveryProgram: README.md has a row for each program, which runs that
// program, and none for others.
func TestTheListHasEveryProgram(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	list := exec.Command("go", "list", "-f", `{{if eq .Name "main"}}{{.ImportPath}}{{end}}`, "./...")
	list.Env = append(os.Environ(), "GOOS=linux") // where all of them are
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	missing := make(map[string]bool)
	for program := range strings.FieldsSeq(string(out)) {
		missing[strings.TrimPrefix(program, "github.com/wirews/wirews/examples/")] = true
	}
	if len(missing) < 20 {
		t.Fatalf("%d programs: have they been found?", len(missing))
	}
	for _, row := range regexp.MustCompile("(?m)^\\| \\[(.+)\\]\\((.+)\\) \\| .+ \\| `go run \\./(\\S+).*` \\|$").FindAllStringSubmatch(string(text), -1) {
		name := row[1]
		if row[2] != name || row[3] != name || !missing[name] {
			t.Errorf("a row that is not right, or there twice: %s", row[0])
		}
		delete(missing, name)
	}
	for name := range missing {
		t.Errorf("README.md has no row for %s", name)
	}
}
