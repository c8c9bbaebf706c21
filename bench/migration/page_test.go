package migration_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPageShowsTestedPrograms: the first two blocks of Go are the echo server
// before and after, and all others are lines of the examples here.
func TestPageShowsTestedPrograms(t *testing.T) {
	shown, echo := blocks(t, "go"), programs(t)["echo"]
	if len(shown) < 3 {
		t.Fatalf("%d blocks of Go", len(shown))
	}
	if shown[0] != echo {
		t.Error("the program before is not testdata/echo/main.go")
	}
	if shown[1] != migrate(t, echo) {
		t.Error("the program after is not what the command makes of the one before")
	}
	b, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	examples := strings.ReplaceAll(string(b), "\n\t", "\n")
	for _, block := range shown[2:] {
		if !strings.Contains(examples, "\n"+block) {
			t.Errorf("no example has this block:\n%s", block)
		}
	}
}

// TestPageNamesCasesThatExist: each row of the tables ends with the cases that
// show it, here or in package regress.
func TestPageNamesCasesThatExist(t *testing.T) {
	var sources strings.Builder
	for _, pattern := range []string{"../regress/*_test.go", "differences*_test.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(paths), err)
		}
		for _, p := range paths {
			b, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			sources.Write(b)
		}
	}
	known := make(map[string]bool)
	for _, m := range regexp.MustCompile(`id: +"([^"]+)"|\{"([^"]+)", "|func Test(D\d+)`).FindAllStringSubmatch(sources.String(), -1) {
		for _, id := range strings.Split(m[1]+m[2]+m[3], ", ") {
			known[id] = true
		}
	}
	page, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, line := range strings.Split(string(page), "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasSuffix(line, "| case |") {
			continue
		}
		rows++
		cells := strings.Split(strings.TrimSuffix(line, " |"), " | ")
		for _, id := range strings.Split(cells[len(cells)-1], ", ") {
			if len(cells) != 4 || !known[id] {
				t.Errorf("no case %q for %q", id, cells[0])
			}
		}
	}
	if rows < 40 {
		t.Errorf("%d rows: have the tables been read?", rows)
	}
}
