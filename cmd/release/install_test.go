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
	root     = "../.." // of the repository
	rehearse = "v0.1.0-rehearsal"
)

func TestTheCommandInstallsFromAProxy(t *testing.T) {
	rehearsed(t)
	bin := t.TempDir()
	run(t, t.TempDir(), append(fromProxy(t), "GOBIN="+bin), "go", "install", command+"/wirews@"+rehearse)
	binary := filepath.Join(bin, "wirews")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	out := run(t, bin, nil, binary, "version")
	if want := "wirews version " + rehearse + " " + runtime.Version(); !strings.HasPrefix(out, want) {
		t.Errorf("version: %q, want %q", out, want)
	}
	// The page is part of the binary, and not of a directory beside it.
	run(t, bin, nil, binary, "serve", "--help")
}

// TestEveryModuleIsUsedFromAProxy: a program that uses all modules of a release that
// are libraries, each by a package of it, gets them from a proxy, with nothing
// replaced.
func TestEveryModuleIsUsedFromAProxy(t *testing.T) {
	rehearsed(t)
	dir := t.TempDir()
	var requires, imports strings.Builder
	for _, m := range modules(tracked(t)) {
		if m.folder == "cmd/" || m.replaces() {
			continue
		}
		fmt.Fprintf(&requires, "require %s %s\n", m.name, rehearse)
		for _, pkg := range m.packages(t) {
			fmt.Fprintf(&imports, "\t_ %q\n", pkg)
		}
	}
	write(t, dir, "go.mod", "module example.com/program\n\ngo 1.26.0\n\n"+requires.String())
	write(t, dir, "main.go", "package main\n\nimport (\n"+imports.String()+")\n\nfunc main() {}\n")
	env := fromProxy(t)
	run(t, dir, env, "go", "mod", "tidy")
	run(t, dir, env, "go", "build", "-o", filepath.Join(dir, "program"), ".")
}

// rehearsed skips what compiles the command, with all that it needs, anew.
func rehearsed(t *testing.T) {
	t.Helper()
	if os.Getenv("REHEARSE") != "true" {
		t.Skip("make install-rehearsal does this: it takes minutes")
	}
}

// fromProxy returns the environment in which the go command finds a release of ours
// in a proxy.
func fromProxy(t *testing.T) []string {
	t.Helper()
	files := tracked(t)
	proxy := t.TempDir()
	for _, m := range modules(files) {
		publish(t, proxy, m.name, files, m.folder)
	}
	// The module cache is one of its own: in the user's, the version would stay
	// for ever. What the user's has is taken from there.
	cached := "file://" + filepath.ToSlash(filepath.Join(goEnv(t, "GOMODCACHE"), "cache", "download"))
	return append(os.Environ(),
		"GOPROXY="+strings.Join([]string{"file://" + filepath.ToSlash(proxy), cached, goEnv(t, "GOPROXY")}, ","),
		"GONOSUMDB="+core, "GONOPROXY=none", "GOWORK=off", "GOFLAGS=-modcacherw", "GOMODCACHE="+t.TempDir(),
	)
}

// run runs a command in dir, and returns what it prints.
func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
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

// release returns a file as a release has it: there, a module requires versions of
// the others of ours, and replaces nothing.
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
		old := r.Old // DropReplace clears r
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
