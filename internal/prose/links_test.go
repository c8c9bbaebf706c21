package prose

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLinksLeadSomewhere: a link to a file of the repository, or to a heading in
// one, has it there.
func TestLinksLeadSomewhere(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	link := regexp.MustCompile(`\]\(([^)#]*)(?:#([^)]*))?\)`)
	heading := regexp.MustCompile(`(?m)^#+ (.*)$`)
	n := 0
	for _, page := range append(pages, filepath.Join(root, "README.md"), filepath.Join(root, "CHANGELOG.md")) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			target, anchor := m[1], m[2]
			if strings.Contains(target, "://") {
				continue
			}
			n++
			file := page
			if target != "" {
				file = filepath.Join(filepath.Dir(page), filepath.FromSlash(target))
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s: %v", page, err)
			}
			if anchor == "" {
				continue
			}
			there, err := os.ReadFile(file)
			if err != nil {
				t.Errorf("%s: %v", page, err)
			}
			found := false
			for _, h := range heading.FindAllStringSubmatch(string(there), -1) {
				found = found || strings.ReplaceAll(strings.ToLower(h[1]), " ", "-") == anchor
			}
			if !found {
				t.Errorf("%s: no heading for #%s in %s", page, anchor, file)
			}
		}
	}
	if n < 20 {
		t.Errorf("%d links: have they been read?", n)
	}
}
