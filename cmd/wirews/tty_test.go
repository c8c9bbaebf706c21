//go:build unix

package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// sitting is the command on a terminal of its own.
type sitting struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File
	seen strings.Builder
	past int // of seen, what was waited for
}

// sit starts the command on a terminal of so many columns, with further variables
// of the environment.
func sit(t *testing.T, columns uint16, env []string, args ...string) *sitting {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	cmd := command(ctx, args...)
	cmd.Env = append(append(cmd.Env, "TERM=xterm", "NO_COLOR=", "XDG_STATE_HOME="+t.TempDir()), env...)
	return sitAt(t, cmd, columns)
}

// sitAt starts a program on a terminal of its own.
func sitAt(t *testing.T, cmd *exec.Cmd, columns uint16) *sitting {
	t.Helper()
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: columns})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	return &sitting{t: t, cmd: cmd, tty: tty}
}

// sees waits for text after what was waited for before.
func (s *sitting) sees(text string) {
	s.t.Helper()
	for b := make([]byte, 4096); ; {
		if i := strings.Index(s.seen.String()[s.past:], text); i >= 0 {
			s.past += i + len(text)
			return
		}
		n, err := s.tty.Read(b)
		s.seen.Write(b[:n])
		if n == 0 && err != nil {
			s.t.Fatalf("%q is not on the screen: %q", text, s.seen.String())
		}
	}
}

func (s *sitting) types(keys string) { io.WriteString(s.tty, keys) }

// ends waits for the end and returns the status.
func (s *sitting) ends() int {
	for b := make([]byte, 4096); ; {
		n, err := s.tty.Read(b)
		s.seen.Write(b[:n])
		if err != nil {
			break // Linux: EIO once nobody has the other side open
		}
	}
	s.cmd.Wait()
	return s.cmd.ProcessState.ExitCode()
}

func TestOnATerminalServeSaysWhereItIs(t *testing.T) {
	s := sit(t, 80, nil, "serve", "--addr", "127.0.0.1:0")
	s.sees("Open http://127.0.0.1:")
	s.sees("Ctrl-C ends.")
	s.types("\x03")
	if status := s.ends(); status != 0 {
		t.Errorf("status %d: %q", status, s.seen.String())
	}
}

func TestConnectOnATerminalKeepsToItsColumnsAndToNoColor(t *testing.T) {
	url := startServe(t).endpoint("/echo")
	for _, c := range []struct {
		name    string
		columns uint16
		env     string
		colours bool
	}{
		{"wide", 120, "", true},
		{"narrow", 20, "", true},
		{"NO_COLOR", 80, "NO_COLOR=1", false},
		{"dumb", 80, "TERM=dumb", false},
	} {
		s := sit(t, c.columns, []string{c.env}, "connect", url)
		s.sees("> ")
		s.types(`{"a":1}` + "\r")
		s.sees(`"a"`)
		s.types("\x04")
		if status := s.ends(); status != 0 || !strings.Contains(s.seen.String(), "closed: 1000") && c.columns > 40 {
			t.Errorf("%s: status %d: %q", c.name, status, s.seen.String())
		}
		if got := strings.Contains(s.seen.String(), "\x1b[3"); got != c.colours {
			t.Errorf("%s: colours %t, want %t: %q", c.name, got, c.colours, s.seen.String())
		}
	}
}

func TestAPersonInterruptsConform(t *testing.T) {
	url := startServe(t).endpoint("/echo")
	s := sit(t, 40, nil, "conform", "--parallel", "1", "--cases", "1.1.*,12.*", url)
	s.sees(" 1.1.8 ")
	s.types("\x03")
	if status := s.ends(); status != 130 || !strings.Contains(s.seen.String(), "interrupted after ") {
		t.Errorf("status %d: %q", status, s.seen.String())
	}
}

// What a bench writes keeps to the terminal, in which each line may have as many columns
// as it has, and the bar is gone.
func TestBenchOnANarrowTerminalKeepsToItsColumns(t *testing.T) {
	url := startServe(t).endpoint("/echo")
	const columns = 60
	s := sit(t, columns, nil, "bench", "-c", "3", "-d", "300ms", "--warmup", "0", url)
	if status := s.ends(); status != 0 {
		t.Fatalf("status %d: %q", status, s.seen.String())
	}
	_, text, ok := strings.Cut(s.seen.String(), url+"\r\n")
	if !ok || !strings.Contains(text, "###") || !strings.Contains(text, "p99.9") {
		t.Errorf("%q", s.seen.String())
	}
	for line := range strings.Lines(text) {
		if n := len([]rune(strings.TrimRight(line, "\r\n"))); n > columns {
			t.Errorf("a line has %d columns: %q", n, line)
		}
	}
}

func TestAScriptOnATerminalIsColouredUnlessNoColor(t *testing.T) {
	url := startServe(t).endpoint("/echo")
	for env, want := range map[string]bool{"": true, "NO_COLOR=1": false, "TERM=dumb": false} {
		s := sit(t, 80, []string{env}, "connect", "--json", "-m", `{"a":1}`, "-n", "1", url)
		if status := s.ends(); status != 0 || strings.Contains(s.seen.String(), "\x1b[") != want {
			t.Errorf("%q: status %d, %q; colours wanted: %t", env, status, s.seen.String(), want)
		}
	}
}

func TestAPersonOnATerminalStaysConnected(t *testing.T) {
	first := startServe(t)
	addr := strings.TrimSuffix(strings.TrimPrefix(first.url, "http://"), "/")
	s := sit(t, 40, nil, "connect", "--reconnect=1s", first.endpoint("/echo"))
	s.sees("> ")
	first.stop(os.Interrupt)
	s.sees("connecting again in")
	startServe(t, "--addr", addr)
	s.sees("connected again")
	s.types("hello\r")
	s.sees("< hello")
	s.types("\x04")
	if status := s.ends(); status != 0 {
		t.Errorf("status %d: %q", status, s.seen.String())
	}
}
