package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"time"
)

// trial is what has come of a plan.
type trial struct {
	plan
	servers, clients group
	opened           int
	why              string // it has stopped before all were open; empty: it has not
	opening          time.Duration
	rows             []row
}

// row is a line of the table.
type row struct {
	what         string
	all, perConn string
}

func (t *trial) row(what, all, perConn string) { t.rows = append(t.rows, row{what, all, perConn}) }

// run does what is planned and returns the page.
func run(p plan) (text string, err error) {
	t := &trial{plan: p}
	defer func() {
		t.clients.end()
		t.servers.end()
	}()
	addr, err := t.startServers()
	if err != nil {
		return "", err
	}
	slab, buffers := kernel()
	empty := t.servers.resident()
	begun, worked := time.Now(), t.servers.cpu()
	if err := t.open(addr); err != nil {
		return "", err
	}
	t.opening = time.Since(begun)
	n := float64(t.opened)
	worked = t.servers.cpu() - worked
	t.row("opening", fmt.Sprintf("%.0f s", t.opening.Seconds()), fmt.Sprintf("%.0f a second", n/t.opening.Seconds()))
	t.row("processor time of the servers for that", fmt.Sprintf("%.0f s", worked.Seconds()), micro(worked, n))
	heap, err := t.servers.ask("heap")
	if err != nil {
		return "", err
	}
	t.row("open, by the servers", fmt.Sprint(heap[0]), "")
	t.row("heap of the servers", mib(heap[1]), bytesEach(heap[1], n))
	t.row("resident in the servers, more than before", mib(t.servers.resident()-empty), bytesEach(t.servers.resident()-empty, n))
	slabNow, buffersNow := kernel()
	t.row("in the kernel, for both ends: slab", mib(slabNow-slab), bytesEach(slabNow-slab, n))
	t.row("in the kernel, for both ends: socket buffers", mib(buffersNow-buffers), bytesEach(buffersNow-buffers, n))
	if err := t.keep(); err != nil {
		return "", err
	}
	if err := t.broadcast(); err != nil {
		return "", err
	}
	return t.page(), nil
}

// startServers starts the servers, and returns their address once all listen.
func (t *trial) startServers() (addr string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // for a port that is free
	if err != nil {
		return "", err
	}
	addr = l.Addr().String()
	l.Close()
	for range (t.connections + t.each - 1) / t.each {
		p, err := start("-role", "server", "-addr", addr, "-ping", t.ping.String())
		if err != nil {
			return "", err
		}
		t.servers = append(t.servers, p)
		for listening := false; !listening; { // the port is shared by those that listen
			_, err := p.ask("heap")
			if err != nil {
				return "", err
			}
			listening = listensOn(p.cmd.Process.Pid)
		}
	}
	return addr, nil
}

// listensOn reports whether a process has a socket.
func listensOn(pid int) bool {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		if to, err := os.Readlink(dir + "/" + f.Name()); err == nil && strings.HasPrefix(to, "socket:") {
			return true
		}
	}
	return false
}

// open starts client after client, until all connections are open or it has to stop.
func (t *trial) open(addr string) error {
	for t.opened < t.connections {
		if free := field("/proc/meminfo", "MemAvailable:") << 10; free < t.spare {
			t.why = fmt.Sprintf("%s of memory were left", mib(free))
			return nil
		}
		want := min(t.each, t.connections-t.opened)
		p, err := start("-role", "client", "-addr", addr, "-source", localAddr(len(t.clients)), "-connections", fmt.Sprint(want))
		if err != nil {
			return err
		}
		t.clients = append(t.clients, p)
		got, err := p.answer()
		if err != nil {
			return err
		}
		t.opened += int(got[0])
		fmt.Fprintf(os.Stderr, "%d connections are open\n", t.opened)
		if int(got[0]) < want {
			t.why = "the last client could not open more; its error is above"
			return nil
		}
	}
	return nil
}

// keep holds the connections, which are pinged.
func (t *trial) keep() error {
	before, err := t.servers.ask("pings")
	if err != nil {
		return err
	}
	worked := t.servers.cpu()
	time.Sleep(t.hold)
	worked = t.servers.cpu() - worked
	after, err := t.servers.ask("pings")
	if err != nil {
		return err
	}
	lost, err := t.clients.ask("heard")
	if err != nil {
		return err
	}
	pings, pongs := after[0]-before[0], after[1]-before[1]
	t.row(fmt.Sprintf("pings in %v", t.hold), fmt.Sprint(pings), "")
	t.row("pongs in that time", fmt.Sprint(pongs), "")
	t.row("processor time of the servers for them", fmt.Sprintf("%.1f s", worked.Seconds()), micro(worked, float64(max(pings, 1)))+" a ping")
	t.row("connections lost", fmt.Sprint(lost[1]), "")
	return nil
}

// broadcast sends one message to all, and waits until it has been heard.
func (t *trial) broadcast() error {
	worked, begun := t.servers.cpu(), time.Now()
	refused, err := t.servers.ask("broadcast")
	if err != nil {
		return err
	}
	written := time.Since(begun)
	heard := []int64{0, 0}
	for heard[0]+heard[1] < int64(t.opened) && time.Since(begun) < 5*time.Minute {
		if heard, err = t.clients.ask("heard"); err != nil {
			return err
		}
	}
	took := time.Since(begun)
	worked = t.servers.cpu() - worked
	t.row("one message to all: written after", fmt.Sprintf("%.2f s", written.Seconds()), micro(written, float64(t.opened)))
	t.row("one message to all: heard by the last after", fmt.Sprintf("%.2f s", took.Seconds()), "")
	t.row("processor time of the servers for it", fmt.Sprintf("%.2f s", worked.Seconds()), micro(worked, float64(t.opened)))
	t.row("heard, and refused", fmt.Sprintf("%d, %d", heard[0], refused[0]), "")
	return nil
}

// kernel returns how many bytes the kernel has in its slabs, and in buffers of sockets.
func kernel() (slab, buffers int64) {
	b, _ := os.ReadFile("/proc/net/sockstat")
	_, tcp, _ := strings.Cut(string(b), "\nTCP:")
	_, mem, _ := strings.Cut(tcp, " mem ")
	var pages int64
	fmt.Sscan(mem, &pages)
	return field("/proc/meminfo", "Slab:") << 10, pages * int64(os.Getpagesize())
}

func mib(n int64) string { return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20)) }

func bytesEach(n int64, conns float64) string { return fmt.Sprintf("%.0f bytes", float64(n)/conns) }

func micro(d time.Duration, n float64) string {
	return fmt.Sprintf("%.1f µs", float64(d)/float64(time.Microsecond)/n)
}

// page returns what the trial has shown.
func (t *trial) page() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d connections, by %d servers on one port and %d clients; %s, %d processors, %s of memory, Go %s.",
		t.opened, len(t.servers), len(t.clients), time.Now().UTC().Format("2 January 2006"), runtime.NumCPU(),
		mib(field("/proc/meminfo", "MemTotal:")<<10), strings.TrimPrefix(runtime.Version(), "go"))
	if t.why != "" {
		fmt.Fprintf(&b, " It was to be %d: %s.", t.connections, t.why)
	}
	b.WriteString("\n\n| | all | a connection |\n|---|--:|--:|\n")
	for _, r := range t.rows {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.what, r.all, r.perConn)
	}
	return b.String()
}
