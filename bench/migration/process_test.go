package migration_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// patience bounds every wait. No verdict depends on it.
const patience = 60 * time.Second

// process is a program that runs; it ends with the test.
type process struct {
	*testing.T
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	log     bytes.Buffer
}

func start(t *testing.T, path string, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	p := &process{T: t, command: exec.CommandContext(ctx, path, args...)}
	p.command.Stderr = &p.log
	in, err := p.command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.in, p.out = in, bufio.NewReader(out)
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel() // kills it, if need be
		p.command.Wait()
		if t.Failed() {
			t.Logf("the program says:\n%s", p.log.String())
		}
	})
	return p
}

// line returns the next line that the program prints.
func (p *process) line() string {
	p.Helper()
	s, err := p.out.ReadString('\n')
	if err != nil {
		p.Fatalf("the program printed %q, then %v", s, err)
	}
	return strings.TrimSuffix(s, "\n")
}

func (p *process) enter(text string) {
	p.Helper()
	if _, err := io.WriteString(p.in, text); err != nil {
		p.Fatal(err)
	}
}

// end ends the program's input, waits until it ends by itself, with status 0,
// and returns what it still printed.
func (p *process) end() string {
	p.Helper()
	p.in.Close()
	rest, err := io.ReadAll(p.out)
	if err == nil {
		err = p.command.Wait()
	}
	if err != nil {
		p.Fatalf("the program ended with %v", err)
	}
	return string(rest)
}
