package prose

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
	forClient := 0
	for _, c := range autobahn.InRole(cases, autobahn.ServerRole) {
		if c.Section() != "20" { // a client gets those only if it asks for them
			forClient++
		}
	}
	for _, c := range []struct {
		says string
		n    int
		in   []string // files that say so; all others that do are held to it too
	}{
		{`the (\d+) cases of the Autobahn test suite`, len(cases) - ours, []string{"docs/conformance.md", "README.md", "CHANGELOG.md"}},
		{`as in the original \| (\d+) \|`, len(cases) - ours, []string{"docs/conformance.md"}},
		{`and (\d+) (?:of our own|more)\b`, ours, []string{"docs/conformance.md", "CHANGELOG.md"}},
		{`There are (\d+), and no peer gets all`, len(cases), nil},
		{`A server gets (\d+):`, len(autobahn.InRole(cases, autobahn.ClientRole)), nil},
		{`A client gets (\d+):`, forClient, nil},
	} {
		for file, text := range all {
			found := regexp.MustCompile(c.says).FindAllStringSubmatch(text, -1)
			if len(found) == 0 && slices.Contains(c.in, file) {
				t.Errorf("%s does not say %q any more", file, c.says)
			}
			for _, m := range found {
				if m[1] != fmt.Sprint(c.n) {
					t.Errorf("%s: %q, but there are %d", file, m[0], c.n)
				}
			}
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
