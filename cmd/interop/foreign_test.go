// Package interop_test lets foreign implementations talk with ours: Node's ws
// and Python's websockets, each as a client and as a server.
package interop_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
)

// patience bounds what would otherwise hang. No verdict depends on it.
const patience = 2 * time.Minute

// What both directions have in common.
var (
	sizes = []int{0, 125, 126, 65535, 65536, 5 << 20} // of messages, in bytes
	// codes are those that an endpoint may send (RFC 6455, 7.4, and IANA's
	// registry).
	codes = []ws.StatusCode{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}
)

// foreign is an implementation, with what runs its scripts.
type foreign struct {
	name    string
	command string
	suffix  string
	probe   []string // what succeeds if everything is there
	missing string   // what is, if it does not
}

var foreigners = []foreign{
	{
		name: "node ws", command: "node", suffix: ".mjs",
		probe:   []string{"--input-type=module", "--eval", "import 'ws'"},
		missing: "node with the package ws: install Node.js 20 or later, then run npm ci in cmd/interop",
	},
	{
		// The interpreter that Debian's packages are for: the python3 on PATH
		// may be another one.
		name: "python websockets", command: "/usr/bin/python3", suffix: ".py",
		probe:   []string{"-c", "import websockets.legacy.client, websockets.legacy.server"},
		missing: "/usr/bin/python3 with the module websockets: install the Debian package python3-websockets",
	},
}

// each runs a test with every implementation that is there. On a machine that
// is to have all of them (ALL_PEERS=true) a missing one is a failure.
func each(t *testing.T, test func(*testing.T, foreign)) {
	for _, f := range foreigners {
		t.Run(f.name, func(t *testing.T) {
			out, err := exec.CommandContext(t.Context(), f.command, f.probe...).CombinedOutput()
			switch {
			case err == nil:
				test(t, f)
			case os.Getenv("ALL_PEERS") == "true":
				t.Fatalf("missing: %s (%v: %s)", f.missing, err, out)
			default:
				t.Skipf("missing: %s", f.missing)
			}
		})
	}
}

// script starts client or server, and ends it with the test.
func (f foreign) script(t *testing.T, name string, args ...string) (lines *bufio.Scanner) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	cmd := exec.CommandContext(ctx, f.command, append([]string{name + f.suffix}, args...)...)
	cmd.Stderr = t.Output()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer cancel()
		stdin.Close()
		io.Copy(io.Discard, stdout)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s%s: %v", name, f.suffix, err)
		}
	})
	return bufio.NewScanner(stdout)
}

// next reads the next line of JSON, and reports whether there was one.
func next(t *testing.T, lines *bufio.Scanner, v any) bool {
	t.Helper()
	if !lines.Scan() {
		return false
	}
	if err := json.Unmarshal(lines.Bytes(), v); err != nil {
		t.Fatalf("%q: %v", lines.Text(), err)
	}
	return true
}
