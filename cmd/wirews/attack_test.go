package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestAttackJudgesAServer(t *testing.T) {
	s := startServe(t)
	page := filepath.Join(t.TempDir(), "report.html")
	status, stdout, stderr := run(t, "attack", "--json", "--html", page, "--pid", strconv.Itoa(s.cmd.Process.Pid), "--patience", "5",
		"--only", "lengths/top-bit,smuggling/content-length,smuggling/bare-line-feeds", "ws"+strings.TrimPrefix(s.url, "http")+"echo")
	var report struct {
		Counts  map[string]int
		Results []struct {
			Attack, Verdict string
			Server          struct {
				Before struct{ Descriptors int }
			}
		}
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || status != 0 {
		t.Fatalf("status %d, %v, stdout %q, stderr %q", status, err, stdout, stderr)
	}
	if report.Counts["resisted"] != 2 || report.Counts["lenient"] != 1 || len(report.Results) != 3 || report.Results[0].Server.Before.Descriptors < 3 {
		t.Errorf("got %+v", report)
	}
	if !strings.Contains(stderr, "lenient     smuggling/bare-line-feeds") || !strings.Contains(stderr, "3 attacks, 2 resisted, 1 lenient") {
		t.Errorf("stderr: %q", stderr)
	}
	html, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(html), "smuggling/bare-line-feeds") || strings.Contains(string(html), "<script") {
		t.Errorf("page: %v, %.300q", err, html)
	}
}

func TestAttackFindsAServerWithoutTimeForHandshakesWeak(t *testing.T) {
	s := startServe(t, "--handshake-timeout", "0")
	status, stdout, stderr := run(t, "attack", "--only", "slow/silent", "--handshake", "200ms", "ws"+strings.TrimPrefix(s.url, "http")+"echo")
	if status != 8 || !strings.Contains(stdout, "weak        slow/silent") || !strings.Contains(stderr, "weak against 1 of 1 attacks") {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

func TestAttackLeavesOthersMachinesAlone(t *testing.T) {
	status, stdout, stderr := run(t, "attack", "ws://192.0.2.1/")
	if status != 1 || stdout != "" || !strings.Contains(stderr, "--i-own-this-server") {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

func TestAttackListsWhatItDoes(t *testing.T) {
	status, stdout, _ := run(t, "attack", "--list", "--only", "bombs")
	if status != 0 || !strings.HasPrefix(stdout, "bombs: ") || !strings.Contains(stdout, "RFC 7692") {
		t.Errorf("status %d, stdout %q", status, stdout)
	}
	for _, args := range [][]string{{"attack"}, {"attack", "--list", "ws://localhost/"}, {"attack", "--list", "--only", "none"}} {
		if status, _, _ := run(t, args...); status != 1 {
			t.Errorf("%q: status %d", args, status)
		}
	}
}
