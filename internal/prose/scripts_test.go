package prose

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAFailingModuleHidesNoOther runs the script of make test on modules that
// fail and on one that does not.
func TestAFailingModuleHidesNoOther(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash:", err)
	}
	const (
		passes = "package p\n\nimport \"testing\"\n\nfunc TestP(t *testing.T) {}\n"
		fails  = "package q\n\nimport \"testing\"\n\nfunc TestQ(t *testing.T) { t.Error() }\n"
	)
	script, err := os.ReadFile(filepath.Join(root, ".ci", "test"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		".ci/test":          string(script),
		"first/go.mod":      "module example.com/first\n\ngo 1.26.0\n",
		"first/p/p_test.go": passes,
		"first/q/q_test.go": fails,
		"broken/go.mod":     "this is no module\n",
		"last/go.mod":       "module example.com/last\n\ngo 1.26.0\n",
		"last/p/p_test.go":  passes,
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	run := func(modules ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), bash, append([]string{filepath.Join(dir, ".ci", "test"), "-vet=off", "--"}, modules...)...)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := run("first", "broken", "last")
	if err == nil {
		t.Error("the script succeeds")
	}
	at := 0
	for _, want := range []string{
		"== go test -vet=off in first", "ok  \texample.com/first/p", "FAIL\texample.com/first/q", "== go test -vet=off in broken",
		"== go test -vet=off in last", "ok  \texample.com/last/p",
		"FAILED: module first: example.com/first/q", "FAILED: module broken: no package was run",
	} {
		i := strings.Index(out[at:], want)
		if i < 0 {
			t.Fatalf("no %q in its place in\n%s", want, out)
		}
		at += i
	}
	if out, err := run("last"); err != nil || strings.Contains(out, "FAILED") {
		t.Errorf("a module that passes: %v\n%s", err, out)
	}
}
