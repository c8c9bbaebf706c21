//go:build !nobus && unix

package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// process is one that can be killed and started again with the same arguments.
type process struct {
	name string
	log  string // the file that its output is added to
	env  []string
	args []string
	cmd  *exec.Cmd
}

func (p *process) start() error {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	p.cmd = exec.Command(p.args[0], p.args[1:]...)
	p.cmd.Env = append(os.Environ(), p.env...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	return p.cmd.Start()
}

// kill ends the process as a crash does.
func (p *process) kill() {
	if p.cmd == nil {
		return
	}
	p.cmd.Process.Kill()
	p.cmd.Wait()
	p.cmd = nil
}

// pause has the process stand still until resume is called.
func (p *process) pause() error  { return p.cmd.Process.Signal(syscall.SIGSTOP) }
func (p *process) resume() error { return p.cmd.Process.Signal(syscall.SIGCONT) }

// node is a "wirews serve".
type node struct {
	process
	addr string
}

// healthy reports whether the node has its bus.
func (n *node) healthy() bool {
	client := http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	resp, err := client.Get("http://" + n.addr + "/healthz")
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	return resp.StatusCode == http.StatusOK
}

// until asks done until it says so.
func until(what string, done func() bool) error {
	for begun := time.Now(); !done(); {
		if time.Since(begun) > patience {
			return fmt.Errorf("it has not happened within %v: %s", patience, what)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil
}

// patience bounds what would otherwise hang. No verdict depends on it.
const patience = 3 * time.Minute

// build builds the command into a directory.
func build(dir string) (binary string, err error) {
	binary = filepath.Join(dir, "wirews")
	out, err := exec.Command("go", "build", "-o", binary, "github.com/wirews/wirews/cmd/wirews").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return binary, nil
}

// tail returns the end of a log.
func tail(file string) string {
	b, _ := os.ReadFile(file)
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}
