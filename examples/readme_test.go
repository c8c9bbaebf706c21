// Package examples_test holds the programs of the README against what the
// README shows, and runs them.
package examples_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/autobahn"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// patience bounds every wait; no verdict depends on it.
const patience = 20 * time.Second

// caseTime multiplies the time that a case gives its peer: a verdict on a peer
// that is right does not depend on how busy the machine is.
const caseTime = 12

func programs(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("readme/*/main.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	texts := make(map[string]string)
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		texts[p] = string(b)
	}
	return texts
}

// TestReadmeShowsWhatCompiles: every block of Go in the README is an excerpt
// of fewer than 20 lines of one of the programs here, and each has one. The
// layer where almost everybody should start comes first.
func TestReadmeShowsWhatCompiles(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	texts := programs(t)
	var order []string
	shown := make(map[string]bool)
	for _, block := range strings.Split(string(readme), "\n```go\n")[1:] {
		block, _, closed := strings.Cut(block, "\n```")
		if lines := strings.Count(block, "\n") + 1; !closed || lines >= 20 {
			t.Errorf("a block of Go has %d lines: %.60q", lines, block)
		}
		found := false
		for path, text := range texts {
			if strings.Contains(text, "\n"+block+"\n") {
				found, shown[path] = true, true
				order = append(order, path)
			}
		}
		if !found {
			t.Errorf("no program has this block of the README:\n%s", block)
		}
	}
	for path := range texts {
		if !shown[path] {
			t.Errorf("the README shows nothing of %s", path)
		}
	}
	if want := []string{"readme/websocket/main.go", "readme/wsutil/main.go", "readme/wsproto/main.go"}; !slices.Equal(order, want) {
		t.Errorf("the programs are shown in the order %q, want %q", order, want)
	}
}

// TestReadmeRunsWhatIsThere: the README says of programs that are there how to run
// them, and leaves out no directory of examples.
func TestReadmeRunsWhatIsThere(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	runs := regexp.MustCompile("`go run \\./([a-z/]+)").FindAllStringSubmatch(string(readme), -1)
	for _, m := range runs {
		if found, err := filepath.Glob(filepath.Join(m[1], "main.go")); err != nil || len(found) == 0 {
			t.Errorf("no program %s: %v", m[1], err)
		}
	}
	dirs, err := filepath.Glob("*/")
	if err != nil || len(runs) == 0 {
		t.Fatal(runs, err)
	}
	for _, dir := range dirs {
		if name := filepath.ToSlash(filepath.Clean(dir)); name != "internal" && !strings.Contains(string(readme), "(examples/"+name+")") {
			t.Errorf("the README does not have examples/%s", name)
		}
	}
}

func TestReadmeProgramsEcho(t *testing.T) {
	for path, text := range programs(t) {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			addr := start(t, path, text)
			conn := dial(t, addr)
			for _, step := range []struct{ send, want []ws.Frame }{
				{[]ws.Frame{ws.NewTextFrame([]byte("hello"))}, []ws.Frame{ws.NewTextFrame([]byte("hello"))}},
				{[]ws.Frame{ws.NewPingFrame([]byte("?"))}, []ws.Frame{ws.NewPongFrame([]byte("?"))}},
				{ // a pong that nobody has asked for is not answered
					[]ws.Frame{ws.NewPongFrame(nil), ws.NewFrame(ws.OpBinary, false, []byte("1")), ws.NewFrame(ws.OpContinuation, true, []byte("2"))},
					[]ws.Frame{ws.NewBinaryFrame([]byte("12"))},
				},
				// RFC 6455, 5.5.1: the code comes back; so does a reason, from package websocket.
				{[]ws.Frame{ws.NewCloseFrame(ws.NewCloseFrameBody(1000, ""))}, []ws.Frame{ws.NewCloseFrame(ws.NewCloseFrameBody(1000, ""))}},
			} {
				for _, f := range step.send {
					if err := ws.WriteFrame(conn, ws.MaskFrame(f)); err != nil {
						t.Fatal(err)
					}
				}
				for _, want := range step.want {
					got, err := ws.ReadFrame(conn)
					if err != nil {
						t.Fatal(err)
					}
					if got.Header != want.Header || !bytes.Equal(got.Payload, want.Payload) {
						t.Fatalf("got %+v, want %+v", got, want)
					}
				}
			}
			if n, err := conn.Read(make([]byte, 1)); err == nil {
				t.Fatalf("%d bytes after the close frame", n)
			}
		})
	}
}

func TestReadmeProgramsRefuseWhatIsNoHandshake(t *testing.T) {
	for path, text := range programs(t) {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			conn, err := connect(start(t, path, text))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nUpgrade: websocket\r\n\r\n")); err != nil {
				t.Fatal(err)
			}
			b := make([]byte, 12)
			if _, err := conn.Read(b); err != nil || string(b) != "HTTP/1.1 400" {
				t.Fatalf("got %q, %v", b, err)
			}
		})
	}
}

// TestReadmeProgramsConform: each program does what RFC 6455 says in the cases
// of the Autobahn test suite on framing, pings, reserved bits, opcodes,
// fragments, UTF-8 and closing, and in ours on handshakes, lengths and reserved
// bits. They have no compression and no limit on how long a message may take.
func TestReadmeProgramsConform(t *testing.T) {
	cases, err := autobahn.Select(autobahn.Cases(), []string{"1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*", "20.*", "21.*", "23.*"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	cases = autobahn.InRole(cases, autobahn.ClientRole)
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	original := 0
	for _, c := range cases {
		if !c.Ours {
			original++
		}
	}
	if want := fmt.Sprintf("passes the %d Autobahn cases", original); !strings.Contains(string(readme), want) {
		t.Errorf("the README does not say %q", want)
	}
	for path, text := range programs(t) {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			t.Parallel()
			addr := start(t, path, text)
			conn, err := connect(addr)
			if err != nil {
				t.Fatal(err)
			}
			conn.Close()
			client := autobahn.Client{URL: "ws://" + addr + "/echo", Cases: cases, Parallel: 32, Patience: caseTime}
			results, err := client.Run(t.Context())
			if err != nil || len(results) != len(cases) {
				t.Fatalf("%d results of %d cases, %v", len(results), len(cases), err)
			}
			for _, r := range results {
				if !r.Passed() || r.Behavior == autobahn.NonStrict {
					t.Errorf("%s: %s, %s: %s", r.Case, r.Behavior, r.BehaviorClose, r.Why)
				}
			}
		})
	}
}

// start builds and runs the program on a free port: the address is all that is
// changed in it.
func start(t *testing.T, path, text string) (addr string) {
	t.Helper()
	addr = wstest.FreeAddr(t).String()
	dir := t.TempDir()
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, []byte(strings.Replace(text, "localhost:8080", addr, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	original, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: source}})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "program.exe")
	if out, err := exec.Command("go", "build", "-overlay", list, "-o", program, "./"+filepath.Dir(path)).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(program)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return addr
}

// connect waits for the program to listen.
func connect(addr string) (conn net.Conn, err error) {
	end := time.Now().Add(patience)
	wstest.Poll(patience, func() bool {
		conn, err = net.DialTimeout("tcp", addr, patience)
		return err == nil
	})
	if err == nil {
		conn.SetDeadline(end)
	}
	return conn, err
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	d := ws.Dialer{NetDial: func(context.Context, string, string) (net.Conn, error) { return connect(addr) }}
	conn, _, _, err := d.Dial(t.Context(), "ws://"+addr+"/echo")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return conn
}
