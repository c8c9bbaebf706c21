package migration_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const page = "../../docs/migrating-from-gobwas.md"

// blocks returns the fenced blocks of the page in that language.
func blocks(t *testing.T, language string) (all []string) {
	t.Helper()
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(b), "\n```"+language+"\n")[1:] {
		text, _, closed := strings.Cut(block, "\n```")
		if !closed {
			t.Fatalf("a block does not end: %.60q", block)
		}
		all = append(all, text+"\n")
	}
	return all
}

// programs are those of testdata, by name.
func programs(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*/main.go")
	if err != nil || len(paths) != 3 {
		t.Fatalf("%d programs, want 3; %v", len(paths), err)
	}
	texts := make(map[string]string)
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(filepath.Dir(p))] = string(b)
	}
	return texts
}

// migrate does with a program what the page tells its reader to do.
func migrate(t *testing.T, text string) (migrated string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "main.go")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "sh", "-e", "-c", blocks(t, "sh")[0])
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("the command of the page: %v\n%s", err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestNothingButImportPathsChanges(t *testing.T) {
	ours := strings.NewReplacer(
		`"github.com/gobwas/ws"`, `"github.com/wirews/wirews/ws"`,
		`"github.com/gobwas/ws/wsutil"`, `"github.com/wirews/wirews/wsutil"`,
	)
	for name, text := range programs(t) {
		want, got := strings.Split(ours.Replace(text), "\n"), strings.Split(migrate(t, text), "\n")
		slices.Sort(want) // gofmt sorts imports
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: more than its imports was changed", name)
		}
		if strings.Contains(migrate(t, text), `"github.com/gobwas/ws`) {
			t.Errorf("%s: an import was left", name)
		}
	}
}

// build builds a program of testdata, with another text if one is given, and
// returns the path of the executable. With a text, it need not be there.
func build(t *testing.T, name, text string) (path string) {
	t.Helper()
	dir := t.TempDir()
	args := []string{"build", "-o", filepath.Join(dir, name+".exe")}
	if text != "" {
		original, err := filepath.Abs(filepath.Join("testdata", name, "main.go"))
		if err != nil {
			t.Fatal(err)
		}
		source, list := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
		overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: source}})
		if err != nil {
			t.Fatal(err)
		}
		for path, b := range map[string][]byte{source: []byte(text), list: overlay} {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		args = append(args, "-overlay", list)
	}
	command := exec.CommandContext(t.Context(), "go", append(args, "./testdata/"+name)...)
	command.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return args[2]
}
