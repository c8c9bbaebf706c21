package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// figure is what a cell compares servers by.
type figure struct {
	name string
	unit string
	of   func(measured) float64
}

var (
	cpuTime    = figure{"CPU", "ns a message", func(m measured) float64 { return m.Server.CPU }}
	cpuUpgrade = figure{"CPU", "ns a handshake", func(m measured) float64 { return m.Server.CPU }}
	resident   = figure{"resident", "bytes a connection", func(m measured) float64 { return m.Server.PerConn }}
)

func (l cell) figure() figure {
	switch l.name {
	case idleCell.name:
		return resident
	case handshakeCell.name:
		return cpuUpgrade
	}
	return cpuTime
}

// spread is the middle of some values, and how far they go.
type spread struct{ median, least, most float64 }

func spreadOf(all []measured, of func(measured) float64) spread {
	var v []float64
	for _, m := range all {
		v = append(v, of(m))
	}
	slices.Sort(v)
	return spread{v[len(v)/2], v[0], v[len(v)-1]}
}

// write writes the page, with the cells that have been measured.
func (c *comparison) write() error {
	var page bytes.Buffer
	fmt.Fprintf(&page, `# Performance

Echo servers on each level of the API, on other libraries, and on nothing but the operating system; each table is one
interleaved run. This page is made by `+"`make bench-servers`"+`; %s, %v for each server, cell and round.

%s
## Method

Each server runs in a process of its own, freshly started for each measurement, on one processor; the load generator,
`+"`wirews bench`"+`, which compares every byte of every answer, runs on another one. In each round every server has its turn,
beginning with another one each time. The figure is the CPU time of the server's process for a message, kernel
included, as the median of the rounds; "spread" is the least and the most. Time by the clock and latency depend on what
else a machine does; CPU time does so less, but not little: on a machine that others use, a difference below the
spread says nothing. A run in which the server had less than a tenth of a processor, or hardly a message came, is made again. Compare within a
table, not between tables, and not with another page.

"of limit" divides by `+"`limit-epoll`"+`. "of best peer" divides by the best library that is not ours; gnet, which has no
WebSocket of its own, is not counted. Compression is off everywhere. Every library is used as its documentation shows it.

| server | what |
|---|---|
`, time.Now().UTC().Format("2 January 2006"), c.duration, machine())
	for _, s := range servers {
		fmt.Fprintf(&page, "| `%s` (%s) | %s |\n", s.name, s.role, s.about)
	}
	page.WriteString("\nThe column \"others\" says how many processors other processes kept busy meanwhile.\n")
	for _, l := range cells {
		if len(c.results[l.name]) > 0 {
			c.table(&page, l)
		}
	}
	fmt.Fprintf(&page, "\n## Versions\n\n%s", versions())
	return os.WriteFile(filepath.Clean(c.out), page.Bytes(), 0o666)
}

// table writes a cell: the best first, and those that failed last.
func (c *comparison) table(page *bytes.Buffer, l cell) {
	f := l.figure()
	fmt.Fprintf(page, "\n## %s\n\n%s; %d rounds.\n\n", l.name, strings.ToUpper(l.about[:1])+l.about[1:], c.roundsOf(l))
	results := c.results[l.name]
	var list []server
	least := 0.0 // the best peer's
	for _, s := range servers {
		if len(results[s.name]) == 0 {
			continue
		}
		list = append(list, s)
		if m := spreadOf(results[s.name], f.of).median; s.role == peer && s.name != "gnet" && (least == 0 || m < least) {
			least = m
		}
	}
	slices.SortStableFunc(list, func(a, b server) int {
		return cmp.Compare(spreadOf(results[a.name], f.of).median, spreadOf(results[b.name], f.of).median)
	})
	limit := 0.0
	if all := results["limit-epoll"]; len(all) > 0 {
		limit = spreadOf(all, f.of).median
	}
	fmt.Fprintf(page, "| server | %s, %s | spread | of limit | of best peer |%s\n", f.name, f.unit, l.further())
	fmt.Fprintf(page, "|---|--:|--:|--:|--:|%s\n", strings.Repeat("--:|", strings.Count(l.further(), "|")))
	for _, s := range list {
		m := spreadOf(results[s.name], f.of)
		name := "`" + s.name + "`"
		if s.role == ours {
			name = "**" + name + "**"
		}
		fmt.Fprintf(page, "| %s | %.0f | %.0f to %.0f | %s | %s |%s\n", name, m.median, m.least, m.most,
			ratio(m.median, limit), ratio(m.median, least), l.rest(results[s.name]))
	}
	for _, s := range servers {
		if why := c.failed[l.name][s.name]; why != "" {
			fmt.Fprintf(page, "\n`%s` failed in one of the rounds: %s.\n", s.name, why)
		}
	}
}

func ratio(v, of float64) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", v/of)
}

// further names the columns of a cell besides the figure.
func (l cell) further() string {
	if l.name == idleCell.name {
		return " heap, bytes | stacks, bytes | goroutines |"
	}
	return " rate/s | p50, us | p99, us | others |"
}

func (l cell) rest(all []measured) string {
	at := func(of func(measured) float64) float64 { return spreadOf(all, of).median }
	if l.name == idleCell.name {
		return fmt.Sprintf(" %.0f | %.0f | %.0f |", at(func(m measured) float64 { return float64(m.heap.InUse) }),
			at(func(m measured) float64 { return float64(m.heap.Stacks) }), at(func(m measured) float64 { return float64(m.heap.Goroutines) }))
	}
	return fmt.Sprintf(" %.0f | %.0f | %.0f | %.1f |", at(func(m measured) float64 { return m.Rate }),
		at(func(m measured) float64 { return m.Latency.P50 / 1e3 }), at(func(m measured) float64 { return m.Latency.P99 / 1e3 }),
		at(func(m measured) float64 { return m.Others }))
}

// machine describes what this runs on.
func machine() string {
	model := "unknown"
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	kernel, _ := exec.Command("uname", "-sr").Output()
	load, _ := os.ReadFile("/proc/loadavg")
	words := strings.Fields(string(load))
	return fmt.Sprintf("Machine: %s, %d processors, %s, %s, all on loopback. The load average at the end was %s.\n",
		model, runtime.NumCPU(), strings.TrimSpace(string(kernel)), runtime.Version(), strings.Join(words[:min(1, len(words))], ""))
}

// versions lists the libraries that are compared.
func versions() string {
	var b strings.Builder
	info, _ := debug.ReadBuildInfo()
	for _, m := range info.Deps {
		for _, name := range []string{"gobwas/ws", "coder/websocket", "gorilla/websocket", "lxzan/gws", "fasthttp/websocket", "valyala/fasthttp", "lesismal/nbio", "panjf2000/gnet/v2", "hertz-contrib/websocket", "cloudwego/hertz"} {
			if m.Path == "github.com/"+name {
				fmt.Fprintf(&b, "- %s %s\n", m.Path, m.Version)
			}
		}
	}
	return b.String()
}
