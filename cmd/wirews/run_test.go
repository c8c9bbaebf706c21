package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"
)

// patience bounds what would otherwise hang. No verdict depends on it.
const patience = 30 * time.Second

const asCommand = "WIREWS_TEST_AS_COMMAND"

// TestMain is the command itself when a test starts it as such.
func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	// A race detector's process sleeps for a second before it exits otherwise.
	cmd.Env = append(os.Environ(), asCommand+"=1", "GORACE=atexit_sleep_ms=0")
	return cmd
}

// run runs the command to its end.
func run(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := command(ctx, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || !exit.Exited()) {
		t.Fatalf("%q: %v; stderr: %s", args, err, errs.String())
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// line is one of the log.
type line struct {
	Level, Msg, URL, Err string
	Code                 int
}

// served is a "wirews serve" that runs.
type served struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines *json.Decoder // of its stderr
	url   string
}

// startServe starts "wirews serve" on a free port, and kills it when the test
// ends and it still runs.
func startServe(t *testing.T, args ...string) *served {
	t.Helper()
	s := launchServe(t, args...)
	s.url = s.logged("listening").URL
	return s
}

// launchServe is startServe that does not wait until it listens.
func launchServe(t *testing.T, args ...string) *served {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	args = append([]string{"serve", "--log-json", "--addr", "127.0.0.1:0"}, args...)
	s := &served{t: t, cmd: command(ctx, args...)}
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		s.cmd.Wait()
	})
	s.lines = json.NewDecoder(stderr)
	return s
}

// logged reads the log up to the line with msg.
func (s *served) logged(msg string) line {
	s.t.Helper()
	for {
		var l line
		if err := s.lines.Decode(&l); err != nil {
			rest, _ := io.ReadAll(s.lines.Buffered())
			s.t.Fatalf("no line %q in the log: %v at %q", msg, err, rest)
		}
		if l.Msg == msg {
			return l
		}
	}
}

// stop sends sig and returns the exit status.
func (s *served) stop(sig os.Signal) int {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
	s.logged("closing")
	return s.wait()
}

// wait returns the exit status, -1 for an end by a signal.
func (s *served) wait() int {
	io.Copy(io.Discard, s.lines.Buffered())
	s.cmd.Wait()
	return s.cmd.ProcessState.ExitCode()
}

// forward lets what connects to the unix socket at path talk with addr.
func forward(t *testing.T, path, addr string) {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", addr)
			if err != nil {
				from.Close()
				continue
			}
			go func() {
				io.Copy(to, from)
				to.Close()
			}()
			go func() {
				io.Copy(from, to)
				from.Close()
			}()
		}
	}()
}
