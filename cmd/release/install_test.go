package release

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

const (
	core     = "github.com/wirews/wirews"
	command  = core + "/cmd"
	metrics  = core + "/wsprom"
	root     = "../.." // of the repository
	rehearse = "v0.0.0-rehearsal"
)

func TestTheCommandInstallsFromAProxy(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: go install compiles the whole command anew")
	}
	files := tracked(t)
	proxy := t.TempDir()
	publish(t, proxy, core, files, "")
	publish(t, proxy, metrics, files, "wsprom/")
	publish(t, proxy, command, files, "cmd/")

	bin := t.TempDir()
	// The module cache is one of its own: in the user's, the version would stay
	// for ever. What the user's has is taken from there.
	cached := "file://" + filepath.ToSlash(filepath.Join(goEnv(t, "GOMODCACHE"), "cache", "download"))
	install := exec.CommandContext(t.Context(), "go", "install", command+"/wirews@"+rehearse)
	install.Dir = t.TempDir() // in no module
	install.Env = append(os.Environ(),
		"GOPROXY="+strings.Join([]string{"file://" + filepath.ToSlash(proxy), cached, goEnv(t, "GOPROXY")}, ","),
		"GONOSUMDB="+core, "GONOPROXY=none", "GOWORK=off", "GOFLAGS=-modcacherw",
		"GOBIN="+bin, "GOMODCACHE="+t.TempDir(),
	)
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("go install: %v\n%s", err, out)
	}
	binary := filepath.Join(bin, "wirews")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	out, err := exec.CommandContext(t.Context(), binary, "version").CombinedOutput()
	if want := "wirews version " + rehearse + " " + runtime.Version(); err != nil || !strings.HasPrefix(string(out), want) {
		t.Errorf("version: %q, error %v; want %q", out, err, want)
	}
	// The page is part of the binary, and not of a directory beside it.
	if out, err := exec.CommandContext(t.Context(), binary, "serve", "--help").CombinedOutput(); err != nil {
		t.Errorf("serve --help: %v\n%s", err, out)
	}
}

// tracked returns what the repository has, which is what a version is made of.
func tracked(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "-z").Output()
	if err != nil {
		t.Skipf("a version is made of what git has, and this is no clone: %v", err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// publish puts the module under a folder of the repository into a proxy.
func publish(t *testing.T, proxy, name string, files []string, folder string) {
	t.Helper()
	own := make([]zip.File, 0, len(files))
	for _, f := range files {
		if rel, ok := strings.CutPrefix(f, folder); ok && !nested(files, folder, rel) {
			own = append(own, file{rel, release(t, f)})
		}
	}
	if !slices.ContainsFunc(own, func(f zip.File) bool { return f.Path() == "LICENSE" }) {
		// A module without a licence of its own has the repository's, as go does it.
		own = append(own, file{"LICENSE", content(t, "LICENSE")})
	}
	var packed bytes.Buffer
	version := module.Version{Path: name, Version: rehearse}
	if err := zip.Create(&packed, version, own); err != nil {
		t.Fatal(err)
	}
	escaped, err := module.EscapePath(name)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(proxy, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"list":             []byte(rehearse + "\n"),
		rehearse + ".info": fmt.Appendf(nil, `{"Version":%q,"Time":"2026-01-01T00:00:00Z"}`, rehearse),
		rehearse + ".mod":  release(t, folder+"go.mod"),
		rehearse + ".zip":  packed.Bytes(),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// nested reports whether a file belongs to a module inside of that in folder.
func nested(files []string, folder, rel string) bool {
	for dir := path.Dir(rel); dir != "."; dir = path.Dir(dir) {
		if slices.Contains(files, folder+dir+"/go.mod") {
			return true
		}
	}
	return false
}

// release returns a file as a release has it: there, modules of ours require a
// version of each other, and replace nothing.
func release(t *testing.T, name string) []byte {
	t.Helper()
	b := content(t, name)
	if path.Base(name) != "go.mod" || name == "go.mod" {
		return b
	}
	m, err := modfile.Parse(name, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range slices.Clone(m.Replace) {
		old := r.Old // which DropReplace clears
		if err := m.DropReplace(old.Path, old.Version); err != nil {
			t.Fatal(err)
		}
		if err := m.AddRequire(old.Path, rehearse); err != nil {
			t.Fatal(err)
		}
	}
	m.Cleanup()
	if b, err = m.Format(); err != nil {
		t.Fatal(err)
	}
	return b
}

func content(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
