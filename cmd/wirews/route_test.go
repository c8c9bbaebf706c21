package main

import (
	"strings"
	"testing"
)

// Each command that connects trusts what --ca names, and says how to where it does not.
func TestEveryClientTrustsACertificateOfOnesOwn(t *testing.T) {
	cert, key := certificate(t)
	url := startServe(t, "--tls-cert", cert, "--tls-key", key).endpoint("/echo")
	for name, c := range map[string]struct {
		args   []string
		stdout string
	}{
		"connect": {[]string{"connect", "-m", "hello", "-n", "1", url}, "hello\n"},
		"pipe":    {[]string{"pipe", "--text", "-", url}, ""},
		"conform": {[]string{"conform", "--cases", "1.1.1", url}, "1 cases, 1 OK"},
		"bench":   {[]string{"bench", "-d", "100ms", "--warmup", "0", url}, "messages "},
		"chat": {[]string{"bench", "-d", "100ms", "--warmup", "0", "--mode", "chat", "-c", "2", "--rate", "50",
			strings.Replace(url, "/echo", "/chat?name={name}", 1)}, "deliveries "},
	} {
		status, stdout, stderr := run(t, append(c.args, "--ca", cert)...)
		if status != 0 || !strings.Contains(stdout, c.stdout) {
			t.Errorf("%s: status %d, stdout %q, stderr %q", name, status, stdout, stderr)
		}
		status, _, stderr = run(t, append(c.args, "-k")...)
		if status != 0 {
			t.Errorf("%s -k: status %d, stderr %q", name, status, stderr)
		}
		status, _, stderr = run(t, c.args...)
		if status != 2 || !strings.Contains(stderr, "trust a certificate of your own by --ca FILE, or every one by -k") {
			t.Errorf("%s alone: status %d, stderr %q", name, status, stderr)
		}
	}
}

// What the table of statuses says holds for each command that connects.
func TestTheSameTroubleHasTheSameStatusInEveryCommand(t *testing.T) {
	server := startServe(t)
	for trouble, c := range map[string]struct {
		url    string
		status int
	}{
		"nobody there": {"ws://127.0.0.1:1/", 2},
		"no such path": {server.endpoint("/nothing"), 3},
		"no WebSocket": {"ws://" + answering(t, "SSH-2.0-x\r\n\r\n"), 4},
	} {
		for name, args := range map[string][]string{
			"connect": {"connect", "-m", "x", "-n", "1"},
			"pipe":    {"pipe", "-"},
			"conform": {"conform", "--cases", "1.1.1"},
			"bench":   {"bench", "-d", "100ms", "--warmup", "0"},
		} {
			if status, _, stderr := run(t, append(args, c.url)...); status != c.status || stderr == "" {
				t.Errorf("%s, %s: status %d, stderr %q; want %d", trouble, name, status, stderr, c.status)
			}
		}
	}
}
