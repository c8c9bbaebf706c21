package examples_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTutorialShowsWhatCompiles: every block of Go in the tutorial is an excerpt of
// a program that is compiled here, and each of its programs is shown.
func TestTutorialShowsWhatCompiles(t *testing.T) {
	page, err := os.ReadFile("../docs/tutorial.md")
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, pattern := range []string{"tutorial/*/main.go", "chat/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no programs: %v", err)
		}
		paths = append(paths, found...)
	}
	shown := make(map[string]bool)
	for _, block := range strings.Split(string(page), "\n```go\n")[1:] {
		block, _, _ := strings.Cut(block, "\n```")
		found := false
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "\n"+block+"\n") {
				found, shown[path] = true, true
			}
		}
		if !found {
			t.Errorf("no program has this block of the tutorial:\n%s", block)
		}
	}
	for _, path := range paths {
		if strings.HasPrefix(path, "tutorial") && !shown[path] {
			t.Errorf("the tutorial shows nothing of %s", path)
		}
	}
}
