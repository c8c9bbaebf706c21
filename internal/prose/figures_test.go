package prose

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestFiguresStandOnOnePage: no other page, and no change, quotes what was
// measured. What a make target writes into its part of a page is made anew with it.
func TestFiguresStandOnOnePage(t *testing.T) {
	all := texts(t)
	b, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	all["CHANGELOG.md"] = string(b)
	measured := regexp.MustCompile(`[0-9.]+x of|\b[0-9.,]+ (?:ns|µs|us)\b|times of .* ?: [0-9]|[0-9.]+ times the CPU time|medians of|\bleast of [a-z]+ rounds`)
	for name, text := range all {
		if m := measured.FindString(text); m != "" {
			t.Errorf("%s says %q: figures stand in docs/performance.md", name, m)
		}
	}
}
