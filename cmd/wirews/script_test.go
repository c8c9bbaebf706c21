package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestServePlaysAScriptOverABadNetwork(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte("send hello\nexpect hi\nclose 4000 well done\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServe(t, "--script", script, "--latency", "10ms", "--jitter", "10ms")
	status, out, stderr := run(t, "connect", "-m", "hi", "--wait", "1m", s.endpoint("/script"))
	if status != 6 || out != "hello\n" || !strings.Contains(stderr, `4000 "well done"`) {
		t.Errorf("status %d, %q, %q", status, out, stderr)
	}
	if status, out, stderr := run(t, "connect", "-m", "hi", "-n", "1", s.endpoint("/echo")); status != 0 || out != "hi\n" {
		t.Errorf("echo: status %d, %q, %q", status, out, stderr)
	}
	s = startServe(t, "--cut-after", "1ns", "--loss", "100")
	if status, _, stderr := run(t, "connect", "-m", "hi", "-n", "1", s.endpoint("/echo")); status != 7 && status != 2 {
		t.Errorf("cut: status %d, %q", status, stderr)
	}
}
