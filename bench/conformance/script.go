package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// script is a peer in another language: server and client are scripts.
type script struct {
	command string
	suffix  string
	probe   []string // what succeeds if everything is there
	install string
	version string // known once the server has run
	pid     int    // of that
}

func (s *script) run(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.command, append([]string{name + s.suffix}, args...)...)
	cmd.Dir = filepath.Join("conformance", "scripts")
	cmd.Stderr = os.Stderr
	return cmd
}

func (s *script) missing() string {
	cmd := exec.Command(s.command, s.probe...)
	cmd.Dir = filepath.Join("conformance", "scripts")
	if err := cmd.Run(); err != nil {
		return s.install
	}
	return ""
}

// serve starts the server, which prints its port and its version, and ends with
// its stdin.
func (s *script) serve(ctx context.Context) (url string, stop func(), err error) {
	var args []string
	if handshakeTime > 0 { // to be attacked, and not judged by cases
		args = []string{strconv.Itoa(limit), strconv.FormatInt(handshakeTime.Milliseconds(), 10)}
	}
	cmd := s.run(ctx, "server", args...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	var first served
	if err := json.Unmarshal(lines.Bytes(), &first); err != nil {
		return "", nil, fmt.Errorf("%s: first line is %q: %w", s.command, lines.Text(), err)
	}
	s.version, s.pid = first.Version, cmd.Process.Pid
	return fmt.Sprintf("ws://127.0.0.1:%d/", first.Port), func() {
		stdin.Close()
		cmd.Wait()
	}, nil
}

// client runs the cases with these numbers.
func (s *script) client(ctx context.Context, url, agent, numbers string) {
	if err := s.run(ctx, "client", url, agent, numbers).Run(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: client: %v\n", s.command, err)
	}
}
