//go:build nobus

package main

import (
	"strings"
	"testing"
)

func TestABuildWithoutBrokersSaysSo(t *testing.T) {
	for _, flags := range [][]string{{"--bus", "nats://127.0.0.1:1"}, {"--cluster", "1/3"}} {
		status, stdout, stderr := run(t, append([]string{"serve"}, flags...)...)
		if status != 1 || stdout != "" || !strings.HasPrefix(stderr, "wirews: this wirews was built without") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%q: status %d, stdout %q, stderr %q", flags, status, stdout, stderr)
		}
	}
}
