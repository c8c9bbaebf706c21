package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server in a process of its own: this program, told to be it.
type process struct {
	addr    string
	cmd     *exec.Cmd
	ask     io.Writer
	answers *bufio.Reader
}

// start starts a server on a processor; on any if that is "".
func start(name, cpu string, secure bool) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: pinned(cpu, self, "-server", name, "-tls="+strconv.FormatBool(secure))}
	if p.ask, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.answers = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if p.addr, err = p.line("127."); err != nil {
		p.stop()
		return nil, fmt.Errorf("the server has ended: %w", err)
	}
	if err := await(p.addr); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// stop ends the server.
func (p *process) stop() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// heap asks the server for its memory, after it has cleaned up.
func (p *process) heap() (h heap, err error) {
	if _, err = p.ask.Write([]byte("\n")); err != nil {
		return h, err
	}
	text, err := p.line("{")
	if err != nil {
		return h, err
	}
	return h, json.Unmarshal([]byte(text), &h)
}

// line returns the next line that begins in this way: libraries write there too.
func (p *process) line(with string) (string, error) {
	for {
		text, err := p.answers.ReadString('\n')
		if err != nil || strings.HasPrefix(text, with) {
			return strings.TrimSpace(text), err
		}
	}
}

// pinned puts taskset before a command.
func pinned(cpu string, args ...string) *exec.Cmd {
	if cpu != "" {
		args = append([]string{"taskset", "-c", cpu}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	// An interrupt on the terminal is for us alone; what we started ends with us.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	return cmd
}

// await waits until somebody listens.
func await(addr string) (err error) {
	for range 200 {
		var conn net.Conn
		if conn, err = net.DialTimeout("tcp", addr, time.Second); err == nil {
			return conn.Close()
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}
