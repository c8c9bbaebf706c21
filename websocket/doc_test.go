package websocket

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/wirews/wirews/internal/checkedio"
)

// The numbers in the documentation of the package are those of the code.
func TestTheNumbersInTheDocumentation(t *testing.T) {
	b, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	doc := strings.Join(strings.Fields(strings.ReplaceAll(string(b), "//", "")), " ")
	for _, want := range []string{
		fmt.Sprintf("up to %d wait for the next frame", maxOwed),
		fmt.Sprintf("lets other goroutines run after %d KiB", fairShare>>10),
		fmt.Sprintf("after %d messages or control frames", fairShare>>10),
		fmt.Sprintf("io.ErrNoProgress for %d Reads", checkedio.MaxEmptyReads),
	} {
		if !strings.Contains(doc, want) {
			t.Errorf("doc.go does not say %q", want)
		}
	}
}
