package examples_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCookbookShowsWhatIsTested: every block of Go, and of systemd's units, in the
// cookbook is an excerpt of a file that is compiled and tested here, and every
// program of the cookbook is shown.
func TestCookbookShowsWhatIsTested(t *testing.T) {
	pages, err := filepath.Glob("../docs/cookbook/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	files := make(map[string]string)
	for _, pattern := range []string{"cookbook/*/*.go", "cookbook/*/*.service", "cookbook/*/*.socket", "push/main.go", "epoll/*/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no files: %s, %v", pattern, err)
		}
		for _, path := range found {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files[path] = string(text)
		}
	}
	shown := make(map[string]bool)
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, language := range []string{"go", "ini"} {
			for _, block := range strings.Split(string(text), "\n```"+language+"\n")[1:] {
				block, _, _ := strings.Cut(block, "\n```")
				found := false
				for path, file := range files {
					if strings.Contains("\n"+file, "\n"+block+"\n") {
						found, shown[filepath.Dir(path)] = true, true
					}
				}
				if !found {
					t.Errorf("no file has this block of %s:\n%s", page, block)
				}
			}
		}
	}
	programs, err := filepath.Glob("cookbook/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range programs {
		if !shown[dir] {
			t.Errorf("the cookbook shows nothing of %s", dir)
		}
	}
}
