package prose

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// least returns the least CPU time of a server in a table of docs/performance.md.
func least(t *testing.T, page, cell, server string) float64 {
	t.Helper()
	_, rest, found := strings.Cut(page, "\n## "+cell+"\n")
	rest, _, _ = strings.Cut(rest, "\n## ")
	m := regexp.MustCompile(`(?m)^\| (?:\*\*)?` + "`" + regexp.QuoteMeta(server) + "`" + `(?:\*\*)? \| ([0-9]+) \|`).FindStringSubmatch(rest)
	if !found || m == nil {
		t.Fatalf("docs/performance.md has no %s in %s", server, cell)
	}
	v, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestQuotedRatiosAreThoseOfThePage: measured figures stand on one page. What is
// quoted elsewhere is made of them.
func TestQuotedRatiosAreThoseOfThePage(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "docs", "performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	page, all := string(b), texts(t)
	for _, c := range []struct{ file, cell, says string }{
		{"README.md", "c100-k1-128", "takes %.2f times the CPU time of one on gorilla/websocket"},
		{"README.md", "c100-k16-128", "16 messages under way on each, %.2f times"},
	} {
		want := fmt.Sprintf(c.says, least(t, page, c.cell, "websocket-serve")/least(t, page, c.cell, "gorilla"))
		if !strings.Contains(all[c.file], want) {
			t.Errorf("%s does not say %q", c.file, want)
		}
	}
}

// TestFiguresStandOnOnePage: no other page, and no change, quotes what was
// measured.
func TestFiguresStandOnOnePage(t *testing.T) {
	all := texts(t)
	b, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	all["CHANGELOG.md"] = string(b)
	measured := regexp.MustCompile(`[0-9.]+x of|\b[0-9.,]+ (?:ns|µs|us)\b|times of .* ?: [0-9]|medians of|\bleast of [a-z]+ rounds`)
	for name, text := range all {
		if m := measured.FindString(text); m != "" {
			t.Errorf("%s says %q: figures stand in docs/performance.md", name, m)
		}
	}
}
