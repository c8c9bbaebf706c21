package replace

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var folder = filepath.Join(Root, "compat", "replace")

// TestFilesAreWhatIsMade: they have every name that the other library exports, and
// nothing else. "go generate" in this folder writes them.
func TestFilesAreWhatIsMade(t *testing.T) {
	files, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf(`%s is not what is made of the packages; "go generate" in bench/replace writes it`, name)
		}
	}
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(folder, path)
		if strings.HasSuffix(name, ".go") && files[filepath.ToSlash(name)] == nil {
			t.Errorf("%s is not made of anything", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestPeersAreTheOriginals: what this module compares ours with has not been
// replaced by ours.
func TestPeersAreTheOriginals(t *testing.T) {
	for _, path := range []string{"github.com/gobwas/ws", "github.com/coder/websocket", "github.com/gorilla/websocket"} {
		out, err := exec.Command("go", "list", "-m", "-f", "{{.Path}} {{.Replace}}", path).Output()
		if got := strings.TrimSpace(string(out)); err != nil || got != path+" <nil>" {
			t.Errorf("%q, %v", got, err)
		}
	}
}

// TestModulesAreInNoWorkspace: whoever works on the core would have the originals
// replaced everywhere.
func TestModulesAreInNoWorkspace(t *testing.T) {
	work, err := os.ReadFile(filepath.Join(Root, "go.work"))
	if err == nil && bytes.Contains(work, []byte("compat/replace")) {
		t.Error("go.work names modules of compat/replace")
	}
	for _, p := range Packages {
		if strings.Contains(p.Dir, "/") {
			continue
		}
		mod, err := os.ReadFile(filepath.Join(folder, p.Dir, "go.mod"))
		if err != nil || !strings.HasPrefix(string(mod), "module "+p.Path+"\n") {
			t.Errorf("%s: the module is not %s; %v", p.Dir, p.Path, err)
		}
	}
}
