package endpoint

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var (
	stateNames     = [states]string{Open: "Open", Deaf: "Deaf", Closing: "Closing", Closed: "Closed"}
	happeningNames = [happenings]string{WeClose: "WeClose", WriteFails: "WriteFails", ReadEnds: "ReadEnds", TransportClosed: "TransportClosed"}
	effectNames    = []string{nothing: "", begin: ", begin", add: ", add", note: ", note"}
)

// table returns the transitions as docs/internals.md shows them.
func table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| | %s |\n%s|\n", strings.Join(stateNames[:], " | "), strings.Repeat("|---", int(states)+1))
	for what, row := range transitions {
		fmt.Fprintf(&b, "| `%s` |", happeningNames[what])
		for _, t := range row {
			fmt.Fprintf(&b, " %s%s |", stateNames[t.to], effectNames[t.effect])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestThePageHasTheTransitions: docs/internals.md shows the table that the code
// goes by.
func TestThePageHasTheTransitions(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "internals.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.ReplaceAll(string(page), "\r\n", "\n"), "\n\n"+table()+"\n") {
		t.Errorf("docs/internals.md has other transitions than these:\n%s", table())
	}
}
