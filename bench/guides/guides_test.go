package guides

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// guide is a page, and what its programs print.
type guide struct {
	name, pkg, says string
}

const counting = "one 1\ntwo 1\none 2\n"

var guides = []guide{
	{"gws", "github.com/lxzan/gws", counting + "a client has left\n"},
	{"hertz", "github.com/hertz-contrib/websocket", "subprotocol count\n" + counting + "the client has left\n"},
	{"nbio", "github.com/lesismal/nbio/nbhttp/websocket", counting + "the client has left\n"},
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func page(t *testing.T, g guide) string {
	t.Helper()
	return read(t, "..", "..", "docs", "migrating-from-"+g.name+".md")
}

func TestThePagesShowThePrograms(t *testing.T) {
	for _, g := range guides {
		page := page(t, g)
		for _, when := range []string{"before", "after"} {
			program := read(t, g.name, when, "main.go")
			if !strings.Contains(page, "```go\n"+program+"```") {
				t.Errorf("the page on %s does not show its program %q as it is", g.name, when)
			}
			if has := strings.Contains(program, g.pkg); has != (when == "before") {
				t.Errorf("%s/%s imports %s: %v", g.name, when, g.pkg, has)
			}
		}
		if n := strings.Count(page, "```go\n"); n != 2 {
			t.Errorf("the page on %s has %d blocks of Go, of which only two are tested", g.name, n)
		}
	}
}

func TestTheProgramsSayTheSame(t *testing.T) {
	for _, g := range guides {
		for _, when := range []string{"before", "after"} {
			t.Run(g.name+"/"+when, func(t *testing.T) {
				bin := filepath.Join(t.TempDir(), "program")
				if out, err := exec.Command("go", "build", "-o", bin, "./"+g.name+"/"+when).CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				if out, err := exec.Command(bin).CombinedOutput(); err != nil || string(out) != g.says {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	}
}
