package guides

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The table of docs/go-version.md has what the toolchain has.
func TestTheGoLineChangesTheseSettings(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	known := read(t, strings.TrimSpace(string(root)), "src", "internal", "godebugs", "table.go")
	rows := regexp.MustCompile("(?m)^\\| `(\\w+)` \\| 1\\.(\\d+) \\| (\\d) \\|").FindAllStringSubmatch(read(t, "..", "..", "docs", "go-version.md"), -1)
	if len(rows) < 10 {
		t.Fatalf("%d rows: have they been read?", len(rows))
	}
	for _, row := range rows {
		want := regexp.MustCompile(`(?m)\{Name: "` + row[1] + `", .*Changed: ` + row[2] + `, Old: "` + row[3] + `"`)
		if !want.MatchString(known) {
			t.Errorf("the toolchain does not say of %s that it has changed in Go 1.%s from %s", row[1], row[2], row[3])
		}
	}
}

// A test that go vet finds fault with runs with an old line, and not with that of wirews.
func TestTheGoLineChangesTheChecksOfVet(t *testing.T) {
	const program = "package p\n\nimport (\"log\"; \"testing\")\n\nfunc Test(t *testing.T) { s := t.Name(); log.Printf(s) }\n"
	for line, want := range map[string]bool{"1.23.0": true, "1.24.0": false, "1.26.0": false} {
		dir := t.TempDir()
		for name, text := range map[string]string{"go.mod": "module p\n\ngo " + line + "\n", "p_test.go": program} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		test := exec.Command("go", "test", ".")
		test.Dir = dir
		out, err := test.CombinedOutput()
		if (err == nil) != want || !want && !strings.Contains(string(out), "non-constant format string in call to log.Printf") {
			t.Errorf("go %s: %v\n%s", line, err, out)
		}
	}
}
