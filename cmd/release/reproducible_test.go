package release

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheCommandIsReproducible builds the command from two copies of the sources, in
// different directories and with an empty build cache for one of them: the binaries
// are the same, byte for byte, so that anybody can check one that was published.
func TestTheCommandIsReproducible(t *testing.T) {
	rehearsed(t)
	here, there := t.TempDir(), filepath.Join(t.TempDir(), "a", "longer", "path")
	first := built(t, here, goEnv(t, "GOCACHE"))
	second := built(t, there, t.TempDir())
	if !bytes.Equal(first, second) {
		t.Errorf("two binaries of %d and %d bytes differ", len(first), len(second))
	}
	for _, dir := range []string{here, there, goEnv(t, "GOMODCACHE")} {
		if bytes.Contains(first, []byte(dir)) || bytes.Contains(second, []byte(dir)) {
			t.Errorf("a binary names the directory %s", dir)
		}
	}
}

// built copies the sources of the core and the command to dir, builds the command
// there, as make dist does, and returns the binary.
func built(t *testing.T, dir, cache string) []byte {
	t.Helper()
	for _, f := range tracked(t) {
		switch first, _, _ := strings.Cut(f, "/"); first {
		case "bench", "docs", "examples", "compat", "tools":
			continue
		}
		folder := filepath.Join(dir, filepath.Dir(filepath.FromSlash(f)))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, folder, filepath.Base(f), string(content(t, f)))
	}
	binary := filepath.Join(t.TempDir(), "wirews")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-o", binary, "./wirews")
	cmd.Dir = filepath.Join(dir, "cmd")
	cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0", "GOCACHE="+cache)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
