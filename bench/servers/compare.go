package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// cell is a kind of load: connections, messages in flight on each, bytes of
// payload, and messages in all.
type cell struct{ conns, inFlight, payload, messages int }

func (c cell) String() string { return fmt.Sprintf("c%d-k%d-%d", c.conns, c.inFlight, c.payload) }

var cells = []cell{
	{100, 1, 128, 100_000},
	{100, 16, 128, 1_600_000},
	{100, 1, 16 << 10, 50_000},
	{10, 1, 1 << 20, 1_000},
}

// compare measures every server in the cells whose names contain only, in turn, for some rounds, and
// prints the medians: the CPU time that the server's process takes for a
// message, which a busy machine disturbs less than the clock on the wall.
func compare(rounds int, only string) error {
	names := order()
	for _, c := range cells {
		if !strings.Contains(c.String(), only) {
			continue
		}
		took := make(map[string][]time.Duration)
		for round := range rounds {
			for i := range names {
				name := names[(i+round)%len(names)]
				cpu, err := measure(name, c)
				if err != nil {
					return fmt.Errorf("%s in %v: %w", name, c, err)
				}
				took[name] = append(took[name], cpu)
			}
		}
		report(c, names, took)
	}
	return nil
}

// order puts the limit first, to divide by.
func order() []string {
	names := []string{"raw"}
	for name := range servers {
		if name != "raw" {
			names = append(names, name)
		}
	}
	slices.Sort(names[1:])
	return names
}

func report(c cell, names []string, took map[string][]time.Duration) {
	fmt.Printf("\n%v: %d connections, %d in flight, %d bytes\n\n", c, c.conns, c.inFlight, c.payload)
	fmt.Println("| server | CPU ns a message | least | most | of raw | of gobwas-helpers |")
	fmt.Println("|---|--:|--:|--:|--:|--:|")
	median := func(name string) float64 {
		slices.Sort(took[name])
		return float64(took[name][len(took[name])/2])
	}
	raw, gobwas := median("raw"), median("gobwas-helpers")
	for _, name := range names {
		m := median(name)
		d := took[name]
		fmt.Printf("| %s | %.0f | %d | %d | %.2f | %.2f |\n", name, m, d[0], d[len(d)-1], m/raw, m/gobwas)
	}
}

// measure starts a server in a process of its own, on the first processor if
// it can, loads it, and returns its CPU time for a message.
func measure(name string, c cell) (time.Duration, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	args := []string{self, "-server", name}
	if taskset, err := exec.LookPath("taskset"); err == nil {
		args = append([]string{taskset, "-c", "0"}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return 0, err
	}
	conns, err := dial(strings.TrimSpace(line), name != "raw", c.conns)
	if err != nil {
		return 0, err
	}
	defer closeAll(conns)

	warm := c
	warm.messages /= 10
	if err := load(conns, warm); err != nil {
		return 0, err
	}
	before, err := cpuTime(cmd.Process.Pid)
	if err != nil {
		return 0, err
	}
	if err := load(conns, c); err != nil {
		return 0, err
	}
	after, err := cpuTime(cmd.Process.Pid)
	return (after - before) / time.Duration(c.messages), err
}

// cpuTime returns the CPU time that a process has used: the clock that
// clock_getcpuclockid(3) names.
func cpuTime(pid int) (time.Duration, error) {
	var t unix.Timespec
	err := unix.ClockGettime(int32(^pid<<3|2), &t)
	return time.Duration(t.Nano()), err
}

func closeAll(conns []net.Conn) {
	for _, c := range conns {
		c.Close()
	}
}
