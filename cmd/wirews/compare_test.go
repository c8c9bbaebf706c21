package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBenchComparesAndHasThresholds(t *testing.T) {
	url := "ws" + strings.TrimPrefix(startServe(t).url, "http") + "echo"
	status, stdout, stderr := run(t, "bench", url, "--duration", "200ms", "--warmup", "0s", "--json", "--threshold", "failures<1", "--threshold", "max<1ns")
	if status != 8 || !strings.Contains(stderr, "max<1ns (it is ") || strings.Contains(stderr, "failures") {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
	file := filepath.Join(t.TempDir(), "runs.json")
	if err := os.WriteFile(file, []byte(stdout+stdout), 0o600); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr = run(t, "bench", "compare", "--worse", "5", file, file)
	if status != 0 || !strings.Contains(stdout, "before (2 runs)") || !strings.Contains(stdout, "p99.9 ") || stderr != "" {
		t.Errorf("status %d, %q, stderr %q", status, stdout, stderr)
	}
	for want, args := range map[string][]string{
		"two files": {file}, "no such file": {file, "/nowhere"}, "not what bench": {file, os.Args[0]}, "--worse must not": {"--worse", "-1", file, file},
	} {
		if status, _, stderr := run(t, append([]string{"bench", "compare"}, args...)...); status != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%q: status %d, stderr %q, want %q", args, status, stderr, want)
		}
	}
	if status, _, stderr := run(t, "bench", url, "--threshold", "p98<1"); status != 1 || !strings.Contains(stderr, "p99.9") {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
}
