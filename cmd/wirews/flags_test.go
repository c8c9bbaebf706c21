package main

import (
	"strings"
	"testing"
)

func TestBadValuesAreRefusedWithASentence(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"serve --origin ht!tp", "--origin"},
		{"serve --addr 8080", "--addr \"8080\": want a host and a port"},
		{"serve --chat-queue 0", "--chat-queue 0"},
		{"serve --max-message -1", "--max-message must not be negative"},
		{"serve --tls-cert x", "--tls-cert and --tls-key need each other"},
		{"serve --log-level loud", "--log-level"},
		{"bench", "bench takes one URL"},
		{"pipe -", "pipe takes two addresses"},
		{"pipe - http://x", "is no address"},
	} {
		status, _, stderr := run(t, strings.Fields(c.args)...)
		if status != 1 || !strings.HasPrefix(stderr, "wirews: ") || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: status %d, %q; want %q", c.args, status, stderr, c.want)
		}
	}
}
