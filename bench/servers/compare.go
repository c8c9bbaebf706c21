package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// cell is a kind of load.
type cell struct {
	name  string
	about string
	args  []string // of "wirews bench"
	// Which processors the server and the load generator may use; empty: any.
	serverCPU, clientCPU string
	webSocket            bool // not for servers of raw bytes
	warmup               time.Duration
	heavy                bool // takes long: a third of the rounds
}

// echo is a cell of messages, with a processor each for server and client.
func echo(conns, inFlight int, payload string, args ...string) cell {
	sizes := map[string]string{"32": "32", "128": "128", "1k": "1024", "16k": "16384", "1m": "1048576"}
	c := cell{
		name:  fmt.Sprintf("c%d-k%d-%s", conns, inFlight, payload),
		about: fmt.Sprintf("%d connections, %d in flight, %s bytes", conns, inFlight, sizes[payload]),
		args: append([]string{"--connections", strconv.Itoa(conns), "--in-flight", strconv.Itoa(inFlight), "--size", sizes[payload],
			"--source", "127.0.0.1,127.0.0.2"}, args...),
		serverCPU: "0", clientCPU: "1", warmup: 300 * time.Millisecond, heavy: conns >= 10_000,
	}
	return c
}

// with changes a cell.
func (c cell) with(name, about string, change func(*cell)) cell {
	c.name, c.about = name, about
	change(&c)
	return c
}

var cells = []cell{
	echo(1, 1, "128").with("c1-k1-128-same", "1 connection, 1 in flight, 128 bytes, server and client on the same processor", func(c *cell) { c.clientCPU = "0" }),
	echo(100, 1, "32"), echo(100, 1, "128"), echo(100, 1, "1k"), echo(100, 1, "16k"), echo(10, 1, "1m"),
	echo(100, 16, "128"), echo(100, 16, "1k"), echo(100, 16, "16k"),
	echo(1000, 1, "128"), echo(1000, 16, "128"),
	echo(10000, 1, "128"), echo(10000, 1, "1k"), echo(10000, 16, "128"),
	echo(100, 1, "128").with("free-c100-k1-128", "100 connections, 1 in flight, 128 bytes, no processor of its own for anybody", func(c *cell) { c.serverCPU, c.clientCPU = "", "" }),
	echo(100, 1, "16k", "--kind", "cjk").with("text-c100-k1-16k", "100 connections, 1 in flight, 16384 bytes of Chinese, Japanese and Korean text", func(*cell) {}),
	idleCell, handshakeCell,
}

var (
	idleCell = cell{
		name: "idle", about: "10,000 connections, idle after one message of 128 bytes each", webSocket: true, serverCPU: "0", clientCPU: "1",
		args: []string{"--mode", "idle", "--connections", "10000", "--source", "127.0.0.1,127.0.0.2"}, warmup: time.Second, heavy: true,
	}
	handshakeCell = cell{
		name: "handshake", about: "connect, upgrade, reset; 64 at once", webSocket: true, serverCPU: "0", clientCPU: "1", warmup: 300 * time.Millisecond,
		args: []string{"--mode", "handshake", "--connections", "64", "--source", "127.0.0.1,127.0.0.2,127.0.0.3,127.0.0.4"},
	}
)

// measured is what one run has come to.
type measured struct {
	Messages int64
	Rate     float64 `json:"messages_per_second"`
	Server   struct {
		CPU     float64 `json:"cpu_ns_per_message"`
		CPUs    float64 `json:"cpus"`
		PerConn float64 `json:"resident_bytes_per_connection_after_message"`
	}
	Latency  struct{ P50, P99 float64 } `json:"latency_ns"`
	Others   float64                    `json:"others_cpus"`
	Failures struct{ Examples []string }

	heap heap // for a connection
}

// starved reports whether the server or the load generator has hardly run,
// because others had the processor: that says nothing, and is measured again.
func (m measured) starved(l cell) bool {
	return l.name != idleCell.name && (m.Server.CPUs < 0.1 || m.Messages < 20)
}

// comparison is what -compare does.
type comparison struct {
	on                  bool
	cells, servers, out string
	rounds              int
	duration            time.Duration

	wirews  string // the load generator
	results map[string]map[string][]measured
	failed  map[string]map[string]string
}

func (c *comparison) run() error {
	dir, err := os.MkdirTemp("", "servers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c.wirews = filepath.Join(dir, "wirews")
	build := exec.Command("go", "build", "-o", c.wirews, "./wirews")
	build.Dir, build.Stderr = "../cmd", os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the load generator: %w", err)
	}
	c.results, c.failed = make(map[string]map[string][]measured), make(map[string]map[string]string)
	begun := time.Now()
	for _, cell := range cells {
		if matches(cell.name, c.cells) {
			c.measureCell(cell)
			log.Printf("%s measured, %v since the beginning", cell.name, time.Since(begun).Round(time.Second))
			if err := c.write(); err != nil {
				return err
			}
		}
	}
	return nil
}

// matches reports whether one of the words is in name. No words are in all.
func matches(name, words string) bool {
	return words == "" || slices.ContainsFunc(strings.Split(words, ","), func(w string) bool { return strings.Contains(name, w) })
}

// measureCell measures each server in turn, for some rounds, each time beginning
// with another one.
func (c *comparison) measureCell(l cell) {
	var list []server
	for _, s := range servers {
		if matches(s.name, c.servers) && !(s.raw && l.webSocket) {
			list = append(list, s)
		}
	}
	c.results[l.name], c.failed[l.name] = make(map[string][]measured), make(map[string]string)
	for round := range c.roundsOf(l) {
		for i := range list {
			s := list[(i+round*7)%len(list)]
			m, err := c.measure(s, l)
			for again := 0; err == nil && m.starved(l) && again < 4; again++ {
				m, err = c.measure(s, l)
			}
			if err != nil {
				log.Printf("%s in %s: %v", s.name, l.name, err)
				c.failed[l.name][s.name] = err.Error()
				continue
			}
			c.results[l.name][s.name] = append(c.results[l.name][s.name], m)
		}
	}
}

func (c *comparison) roundsOf(l cell) int {
	if l.heavy {
		return max(1, c.rounds/3)
	}
	return c.rounds
}

// pinned puts taskset before a command.
func pinned(cpu string, args ...string) *exec.Cmd {
	if cpu != "" {
		args = append([]string{"taskset", "-c", cpu}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// measure starts a server in a process of its own, loads it, and ends it.
func (c *comparison) measure(s server, l cell) (m measured, err error) {
	self, err := os.Executable()
	if err != nil {
		return m, err
	}
	cmd := pinned(l.serverCPU, self, "-server", s.name)
	ask, err := cmd.StdinPipe()
	if err != nil {
		return m, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return m, err
	}
	if err := cmd.Start(); err != nil {
		return m, err
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	answers := bufio.NewReader(out)
	addr, err := line(answers, "127.")
	if err != nil {
		return m, fmt.Errorf("the server has ended: %w", err)
	}
	if err := await(addr); err != nil {
		return m, err
	}
	question := func() (h heap, err error) {
		if _, err = ask.Write([]byte("\n")); err != nil {
			return h, err
		}
		text, err := line(answers, "{")
		if err != nil {
			return h, err
		}
		return h, json.Unmarshal([]byte(text), &h)
	}
	return c.load(s, l, addr, cmd.Process.Pid, question)
}

// line returns the next line that begins in this way: libraries write there too.
func line(r *bufio.Reader, with string) (string, error) {
	for {
		text, err := r.ReadString('\n')
		if err != nil || strings.HasPrefix(text, with) {
			return strings.TrimSpace(text), err
		}
	}
}

// load runs the load generator.
func (c *comparison) load(s server, l cell, addr string, pid int, question func() (heap, error)) (m measured, err error) {
	duration := c.duration
	if l.name == idleCell.name {
		duration = max(duration, 4*time.Second)
	}
	args := []string{c.wirews, "bench", "ws://" + addr + "/", "--json", "--loops", "1", "--pid", strconv.Itoa(pid), "--duration", duration.String(),
		"--warmup", l.warmup.String(), "--timeout", "20s"}
	if s.raw {
		args = append(args, "--raw")
	}
	before, err := question()
	if err != nil {
		return m, err
	}
	cmd := pinned(l.clientCPU, append(args, l.args...)...)
	var idle chan heap
	if l.name == idleCell.name {
		// In the middle of holding the connections.
		idle = make(chan heap, 1)
		time.AfterFunc(l.warmup+duration-500*time.Millisecond, func() {
			h, _ := question()
			idle <- h
		})
	}
	text, err := cmd.Output()
	if e := json.Unmarshal(text, &m); e != nil {
		return m, fmt.Errorf("the load generator: %w, %w", err, e)
	}
	if len(m.Failures.Examples) > 0 {
		return m, fmt.Errorf("failed: %s", m.Failures.Examples[0])
	}
	if err != nil {
		return m, err
	}
	if idle != nil {
		h := <-idle
		const n = 10_000
		m.heap = heap{(h.InUse - min(before.InUse, h.InUse)) / n, (h.Stacks - min(before.Stacks, h.Stacks)) / n, (h.Goroutines - before.Goroutines + n/10) / n}
	}
	return m, nil
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
