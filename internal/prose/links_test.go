package prose

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pagesOfDocs returns all pages under docs.
func pagesOfDocs(t *testing.T) []string {
	t.Helper()
	var pages []string
	for _, pattern := range []string{"*.md", "*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, "docs", pattern))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	if len(pages) == 0 {
		t.Fatal("no pages")
	}
	return pages
}

// TestTheIndexHasEveryPage: docs/README.md says of each other page what it is for.
func TestTheIndexHasEveryPage(t *testing.T) {
	index := filepath.Join(root, "docs", "README.md")
	text, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pagesOfDocs(t) {
		name, err := filepath.Rel(filepath.Dir(index), page)
		if err != nil {
			t.Fatal(err)
		}
		name = filepath.ToSlash(name)
		if page != index && !strings.Contains(string(text), "["+name+"]("+name+"): ") {
			t.Errorf("docs/README.md does not say what %s is for", name)
		}
	}
}

// TestLinksLeadSomewhere: a link to a file of the repository, or to a heading in
// one, has it there.
func TestLinksLeadSomewhere(t *testing.T) {
	pages := pagesOfDocs(t)
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
