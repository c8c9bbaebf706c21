package bridge

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// process is a command of the shell as a connection: what is written to it is its
// stdin, what is read its stdout.
type process struct {
	cmd    *exec.Cmd
	kill   context.CancelFunc
	stdin  io.WriteCloser
	stdout io.Reader
	wait   func() error
}

// leaveTime is how long a command may go on after SIGTERM.
const leaveTime = 5 * time.Second

// start starts a command. Its stderr is ours.
func start(command string) (*process, error) {
	ctx, kill := context.WithCancel(context.Background())
	shell := []string{"/bin/sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	p := &process{cmd: exec.CommandContext(ctx, shell[0], shell[1], command), kill: kill}
	p.cmd.Stderr, p.cmd.WaitDelay = os.Stderr, leaveTime
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.wait = sync.OnceValue(p.cmd.Wait)
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err == nil {
		if p.stdout, err = p.cmd.StdoutPipe(); err == nil {
			err = p.cmd.Start()
		}
	}
	if err != nil {
		kill()
		return nil, fmt.Errorf("exec: %w", err)
	}
	return p, nil
}

func (p *process) Write(b []byte) (int, error) { return p.stdin.Write(b) }

// Read reads stdout. At its end a command that has failed is an error.
func (p *process) Read(b []byte) (int, error) {
	n, err := p.stdout.Read(b)
	if n > 0 || err == nil {
		return n, nil
	}
	if failed := p.wait(); failed != nil {
		return 0, fmt.Errorf("exec: the command has failed: %w", failed)
	}
	return 0, io.EOF
}

// CloseWrite ends stdin.
func (p *process) CloseWrite() error { return p.stdin.Close() }

// Close ends the command.
func (p *process) Close() error {
	p.kill()
	p.wait()
	return nil
}
