package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wirews/wirews/cmd/internal/bench"
)

func TestBenchMeasuresAServer(t *testing.T) {
	url := "ws" + strings.TrimPrefix(startServe(t).url, "http") + "echo"
	page := filepath.Join(t.TempDir(), "report.html")
	status, stdout, stderr := run(t, "bench", url, "--connections", "5", "--in-flight", "3", "--kind", "json", "--duration", "200ms", "--warmup", "0s", "--json", "--html", page, "--label", "ours")
	var r bench.Result
	if err := json.Unmarshal([]byte(stdout), &r); status != 0 || err != nil || r.Label != "ours" || r.Latency.Count < 15 || r.Version != build() || stderr != "" {
		t.Errorf("status %d, %v, stdout %q, stderr %q", status, err, stdout, stderr)
	}
	if b, err := os.ReadFile(page); err != nil || !strings.Contains(string(b), "Latency by percentile") {
		t.Errorf("the report: %v", err)
	}
	status, stdout, _ = run(t, "bench", url, "--rate", "100", "--duration", "200ms", "--source", "127.0.0.1")
	if status != 0 || !strings.Contains(stdout, "sent late by") {
		t.Errorf("status %d, stdout %q", status, stdout)
	}
}

func TestTheStatusOfBenchSaysWhetherTheServerDidAsItShould(t *testing.T) {
	url := "ws" + strings.TrimPrefix(startServe(t).url, "http")
	for name, c := range map[string]struct {
		args   []string
		status int
		words  string
	}{
		"refused":    {[]string{url + "nowhere"}, 3, "no connection could be opened: look at the path of the URL"},
		"wrong":      {[]string{url + "time"}, 8, "1 with wrong answers"},
		"nobody":     {[]string{"ws://127.0.0.1:1/"}, 2, "no connection could be opened: start the server"},
		"a flag":     {[]string{url + "echo", "--kind", "x"}, 1, `kind "x"`},
		"no address": {[]string{url + "echo", "--source", "x"}, 1, "--source"},
		"no file":    {[]string{url + "echo", "--html", filepath.Join(url, "x")}, 1, "no such file"},
		"no URL":     {[]string{"ftp://x"}, 1, "scheme"},
	} {
		status, stdout, stderr := run(t, append([]string{"bench", "--duration", "3s", "--warmup", "0s", "--timeout", "5s"}, c.args...)...)
		if status != c.status || !strings.Contains(stderr, c.words) {
			t.Errorf("%s: status %d, stdout %q, stderr %q; want %d and %q", name, status, stdout, stderr, c.status, c.words)
		}
	}
}
