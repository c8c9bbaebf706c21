package xconnect_test

import (
	"go/build"
	"os"
	"slices"
	"strings"
	"testing"

	_ "github.com/wirews/wirews/websocket/xconnect"
)

// What it imports is initialised before it, and net/http must not be.
func TestItImportsOnlyOS(t *testing.T) {
	pkg, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(pkg.Imports, []string{"os"}) {
		t.Errorf("it imports %q", pkg.Imports)
	}
}

func TestItSetsTheVariable(t *testing.T) {
	if v := os.Getenv("GODEBUG"); !slices.Contains(strings.Split(v, ","), "http2xconnect=1") {
		t.Errorf("GODEBUG is %q", v)
	}
}
