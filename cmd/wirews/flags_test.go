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
		{"serve --log-level loud", `--log-level "loud": want another level`},
		{"serve --max-conns many", `--max-conns "many": want a whole number; see wirews serve --help`},
		{"serve --latency 3", `--latency "3": want a duration, as 1.5s`},
		{"serve --loss x", `--loss "x": want a number`},
		{"serve --loss 101", "from 0 to 100"},
		{"serve --log-json=maybe", "want true or false"},
		{"serve --script /none", "--script /none: open"},
		{"serve --addr localhost:99999", "or port 0 for a free one"},
		{"conform --listen localhost:99999", "or port 0 for a free one"},
		{"bench", "give bench one URL"},
		{"pipe -", "give pipe two addresses"},
		{"pipe - http://x", "is no address"},
		{"pipe wss-listen:localhost:0 -", "give --tls-cert and --tls-key"},
		{"pipe ws-listen:localhost:0 - --origin ht!tp", "--origin"},
		{"connect --replay x --reconnect ws://localhost", "give one of"},
	} {
		status, _, stderr := run(t, strings.Fields(c.args)...)
		if status != 1 || !strings.HasPrefix(stderr, "wirews: ") || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: status %d, %q; want %q", c.args, status, stderr, c.want)
		}
	}
}
