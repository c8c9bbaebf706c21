package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the commands print about a URL, and the reports that they write, end in logs and
// in tickets: who logs in, and the query, which may have a token, are not in them. Nor is
// either in the log of a server.
func TestNoCommandTellsTheSecretsOfAURL(t *testing.T) {
	s := startServe(t, "--log-level", "debug")
	addr := strings.TrimSuffix(strings.TrimPrefix(s.url, "http://"), "/")
	dir := t.TempDir()
	for _, path := range []string{"/echo", "/none", "/%zz", " host"} {
		target := "ws://user:s3cret@" + addr + path + "?token=s3cret"
		for name, args := range map[string][]string{
			"bench":   {"bench", "--duration", "50ms", "--warmup", "1ms", "--html", filepath.Join(dir, "bench.html"), target},
			"json":    {"bench", "--duration", "50ms", "--warmup", "1ms", "--json", target},
			"conform": {"conform", "--cases", "1.1.1", "--patience", "20", "--report", filepath.Join(dir, "report"), "--junit", filepath.Join(dir, "junit.xml"), target},
			"attack":  {"attack", "--only", "lengths/top-bit", "--json", "--html", filepath.Join(dir, "attack.html"), target},
			"connect": {"connect", "--count", "0", target},
			"pipe":    {"pipe", target, "/nowhere"},
		} {
			_, stdout, stderr := run(t, args...)
			if strings.Contains(stdout+stderr, "s3cret") {
				t.Errorf("%s, %s: stdout %.500q, stderr %.500q", name, path, stdout, stderr)
			}
		}
	}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		// What was sent stands in a report of conform as it was sent, as on the wire.
		if text := strings.ReplaceAll(string(b), "GET /echo?token=s3cret", ""); strings.Contains(text, "s3cret") || strings.Contains(path, "s3cret") {
			t.Errorf("%s has the secret", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
