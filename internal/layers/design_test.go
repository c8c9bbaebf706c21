package layers

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The pages whose tables are held against the code.
const (
	design    = "docs/design.md"
	internals = "docs/internals.md"
)

// rule is what the table of imports in docs/design.md says of one package.
type rule struct {
	row    int      // packages may import those of rows above
	ours   []string // that it may import, without the module's path
	others []string // packages of other modules that it may import
	never  []string // packages of the standard library that it must not import
}

// forbids reports whether a package of the standard library must not be
// imported. "x/..." stands for x and all beneath it, as for the go command.
func (r rule) forbids(path string) bool {
	return slices.ContainsFunc(r.never, func(never string) bool {
		tree, isTree := strings.CutSuffix(never, "/...")
		return path == tree || isTree && strings.HasPrefix(path, tree+"/")
	})
}

// readRules returns the table of imports.
func readRules(t *testing.T) map[string]rule {
	t.Helper()
	rules := make(map[string]rule)
	for i, cells := range table(t, design, "package", "imports of ours", "imports of others", "never") {
		for _, name := range quoted(cells[0]) {
			if _, twice := rules[name]; twice {
				t.Errorf("%s has two rows of imports for %s", design, name)
			}
			rules[name] = rule{i, quoted(cells[1]), quoted(cells[2]), quoted(cells[3])}
		}
	}
	return rules
}

// table returns the rows of the table of a page that has this head.
func table(t *testing.T, page string, head ...string) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(page)))
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for line := range strings.Lines(string(text)) {
		cells := cells(line)
		switch {
		case slices.Equal(cells, head):
			inside = true
		case inside && cells == nil:
			return rows
		case inside && !strings.HasPrefix(cells[0], "---"):
			if len(cells) != len(head) {
				t.Fatalf("%s: the row of %s has %d cells, not %d", page, cells[0], len(cells), len(head))
			}
			rows = append(rows, cells)
		}
	}
	if inside {
		return rows
	}
	t.Fatalf("%s has no table with the columns %s", page, strings.Join(head, ", "))
	return nil
}

// cells returns those of a line of a table, or nil.
func cells(line string) (cells []string) {
	line, ok := strings.CutPrefix(strings.TrimSpace(line), "|")
	if !ok {
		return nil
	}
	for cell := range strings.SplitSeq(strings.TrimSuffix(line, "|"), "|") {
		cells = append(cells, strings.TrimSpace(cell))
	}
	return cells
}

var code = regexp.MustCompile("`([^`]+)`")

// quoted returns what stands in backticks in a cell.
func quoted(cell string) (names []string) {
	for _, m := range code.FindAllStringSubmatch(cell, -1) {
		names = append(names, m[1])
	}
	return names
}

func TestForbids(t *testing.T) {
	r := rule{never: []string{"unsafe", "net/..."}}
	for path, want := range map[string]bool{
		"unsafe": true, "unsafe/x": false, "net": true, "net/http": true, "net/http/httptrace": true, "netip": false, "io": false,
	} {
		if r.forbids(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}
