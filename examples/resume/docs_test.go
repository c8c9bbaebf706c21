package main

import (
	"os"
	"strings"
	"testing"
)

// TestThePageShowsThisProgram: every block of Go in docs/scaling-out.md is an excerpt of
// this program.
func TestThePageShowsThisProgram(t *testing.T) {
	page, err := os.ReadFile("../../docs/scaling-out.md")
	if err != nil {
		t.Fatal(err)
	}
	var program strings.Builder
	for _, name := range []string{"client.go", "server.go", "protocol.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		program.Write(text)
	}
	blocks := strings.Split(string(page), "\n```go\n")[1:]
	if len(blocks) == 0 {
		t.Fatal("the page shows nothing")
	}
	for _, block := range blocks {
		if block, _, _ = strings.Cut(block, "\n```"); !strings.Contains(program.String(), "\n"+block+"\n") {
			t.Errorf("the program has no\n%s", block)
		}
	}
}
