package prose

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wirews/wirews/autobahn"
)

// TestCountsOfCasesAreThoseOfTheSuite: docs/conformance.md and what quotes it.
func TestCountsOfCasesAreThoseOfTheSuite(t *testing.T) {
	all := texts(t)
	cases := autobahn.Cases()
	ours, sections := 0, make(map[string]int)
	for _, c := range cases {
		if sections[c.Section()]++; c.Ours {
			ours++
		}
	}
	changes, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	all["CHANGELOG.md"] = strings.Join(strings.Fields(string(changes)), " ")
	want := []struct{ file, says string }{
		{"docs/conformance.md", fmt.Sprintf("the %d cases of the Autobahn test suite", len(cases)-ours)},
		{"docs/conformance.md", fmt.Sprintf("and %d of our own", ours)},
		{"docs/conformance.md", fmt.Sprintf("| as in the original | %d |", len(cases)-ours)},
		{"docs/conformance.md", fmt.Sprintf("%d cases for a server, and %d for a client",
			len(autobahn.InRole(cases, autobahn.ClientRole)), len(autobahn.InRole(cases, autobahn.ServerRole)))},
		{"README.md", fmt.Sprintf("the %d cases of the Autobahn test suite and sections of our own", len(cases)-ours)},
		{"CHANGELOG.md", fmt.Sprintf("the %d cases of the Autobahn test suite and %d more", len(cases)-ours, ours)},
	}
	for _, w := range want {
		if !strings.Contains(all[w.file], w.says) {
			t.Errorf("%s does not say %q", w.file, w.says)
		}
	}
	page := all["docs/conformance.md"]
	for section, n := range sections {
		if len(section) < 2 || section[0] != '2' {
			continue
		}
		if row := regexp.MustCompile(`\| ` + section + ` \| [^|]+ \| ([0-9]+) \|`).FindStringSubmatch(page); row == nil || row[1] != fmt.Sprint(n) {
			t.Errorf("docs/conformance.md: %q for section %s, which has %d cases", row, section, n)
		}
	}
}
