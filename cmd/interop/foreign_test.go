// Package interop_test lets other implementations talk with ours: libraries and
// browsers as clients and servers, directly and through reverse proxies, over
// ws and wss. What passed is a matrix, docs/interop.md.
package interop_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
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

const manyMessages = 10_000

// foreign is an implementation, with what runs its scripts.
type foreign struct {
	name           string
	client, server []string      // commands; none: it is none
	probe          []string      // what succeeds if everything is there, and prints the version
	missing        string        // what is, if it does not
	noFragments    bool          // it cannot send any
	unknown        ws.StatusCode // a code that was registered after it was written
}

// codes are those that it knows.
func (f foreign) codes() []ws.StatusCode {
	return slices.DeleteFunc(slices.Clone(codes), func(code ws.StatusCode) bool { return code == f.unknown })
}

// The interpreter that Debian's packages are for: the python3 on PATH may be
// another one.
const python = "/usr/bin/python3"

var foreigners = []foreign{
	{
		name:    "Chromium",
		client:  []string{"node", "client_chromium.mjs"},
		probe:   []string{"node", "--input-type=module", "--eval", `import 'playwright-core'; import { execFileSync } from 'node:child_process'; console.log(/[\d.]+/.exec(execFileSync(process.env.CHROMIUM ?? '/usr/bin/chromium', ['--version', '--no-sandbox'], { encoding: 'utf8' }))[0])`},
		missing: "Chromium and node with the package playwright-core: install the Debian packages chromium and nodejs, then run npm ci in cmd/interop",
	},
	{
		name:    "Node ws",
		client:  []string{"node", "client_ws.mjs"},
		server:  []string{"node", "server_ws.mjs"},
		probe:   []string{"node", "--input-type=module", "--eval", `import 'ws'; import { readFileSync } from 'node:fs'; console.log(JSON.parse(readFileSync('node_modules/ws/package.json')).version)`},
		missing: "node with the package ws: install Node.js 20 or later, then run npm ci in cmd/interop",
	},
	{
		name:    "Python websockets",
		client:  []string{python, "client.py", "peer_websockets"},
		server:  []string{python, "server_websockets.py"},
		probe:   []string{python, "-c", "import websockets.legacy.client, websockets.legacy.server, websockets; print(websockets.__version__)"},
		missing: python + " with the module websockets: install the Debian package python3-websockets",
	},
	{
		name:        "Python aiohttp",
		client:      []string{python, "client.py", "peer_aiohttp"},
		server:      []string{python, "server_aiohttp.py"},
		probe:       []string{python, "-c", "import aiohttp; print(aiohttp.__version__)"},
		missing:     python + " with the module aiohttp: install the Debian package python3-aiohttp",
		noFragments: true,
	},
	{
		name:    "Python wsproto",
		client:  []string{python, "client.py", "peer_wsproto"},
		server:  []string{python, "server_wsproto.py"},
		probe:   []string{python, "-c", "import wsproto; print(wsproto.__version__)"},
		missing: python + " with the module wsproto: install the Debian package python3-wsproto",
		unknown: ws.StatusBadGateway,
	},
}

// whole is whether this run makes the matrix, on a machine that has everything.
// Other runs leave out some of what takes long.
var whole = os.Getenv("ALL_PEERS") == "true"

// need runs the probe of something, and returns what it prints. What is missing
// is a failure where everything has to be there. Short tests, which are to be quick on
// every machine, try nothing that is not ours.
func need(t *testing.T, probe []string, missing string) string {
	t.Helper()
	if testing.Short() && !whole {
		t.Skipf("%q is left to make interop and make test-all: it takes long", probe[0])
	}
	out, err := exec.CommandContext(t.Context(), probe[0], probe[1:]...).CombinedOutput()
	switch {
	case err == nil:
	case whole:
		t.Fatalf("missing: %s (%v: %s)", missing, err, out)
	default:
		t.Skipf("missing: %s", missing)
	}
	return strings.TrimSpace(string(out))
}

// run starts a script, and ends it with the test.
func run(t *testing.T, env []string, command ...string) (lines *bufio.Scanner) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env...)
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
			t.Errorf("%q: %v", command, err)
		}
	})
	return bufio.NewScanner(stdout)
}

// daemon runs a command until the test ends, and waits until it listens.
func daemon(t *testing.T, addr string, command ...string) {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	})
	listens(t, addr)
}

// listens waits until somebody listens.
func listens(t *testing.T, addr string) {
	t.Helper()
	wstest.Until(t, "somebody listens on "+addr, func() bool {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
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
