package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
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
	resident   = figure{"resident", "bytes", func(m measured) float64 { return m.Server.PerConnection }}
)

func (c cell) figure() figure {
	switch c.mode {
	case idling:
		return resident
	case shaking:
		return cpuUpgrade
	}
	return cpuTime
}

// column is a further column of a table: the median of something.
type column struct {
	name   string
	format string
	of     func(measured) float64
}

func (c cell) columns() []column {
	if c.mode == idling {
		return []column{
			{"heap, bytes", "%.0f", func(m measured) float64 { return m.Heap.Bytes }},
			{"stacks, bytes", "%.0f", func(m measured) float64 { return m.Heap.Stacks }},
			{"goroutines", "%.1f", func(m measured) float64 { return m.Heap.Goroutines }},
		}
	}
	return []column{
		{"rate/s", "%.0f", func(m measured) float64 { return m.Rate }},
		{"p50, us", "%.0f", func(m measured) float64 { return m.Latency.P50 / 1e3 }},
		{"p99, us", "%.0f", func(m measured) float64 { return m.Latency.P99 / 1e3 }},
		{"others", "%.1f", func(m measured) float64 { return m.Others }},
	}
}

// partName is the part of docs/performance.md that this command makes.
const partName = "make bench-servers"

// appendPage appends that part, made of the results only.
func appendPage(b []byte, r *results) []byte {
	b = append(b, "# Performance\n"...)
	b = appendText(b, "%s", `Every figure that this project quotes stands on this page. First, echo servers on each level of the API, on
		other libraries, and on nothing but the operating system; each table is one interleaved run. At the end, ours beside other
		libraries [in one process](#in-one-process). All of it is made by `+"`make bench-servers` and `make bench-page`"+`.`)
	b = append(b, "\n## Machine\n\n"...)
	b = appendMachine(b, r)
	b = append(b, "\n## Method\n"...)
	for _, text := range method {
		b = appendText(b, "%s", text)
	}
	b = append(b, "\n## Servers\n\n| server | what |\n|---|---|\n"...)
	for _, s := range servers {
		b = fmt.Appendf(b, "| %s (%s) | %s |\n", s.title(), s.role, s.about)
	}
	for _, text := range absent {
		b = appendText(b, "%s", text)
	}
	for _, c := range cells {
		b = appendCell(b, r, c, "##")
	}
	if slices.ContainsFunc(r.all, func(o result) bool { return o.Server == "gws" }) {
		b = appendGenerator(b, r)
	}
	b = append(b, "\n## Versions\n\n"...)
	for _, m := range r.setup.Modules {
		b = appendItem(b, m.Path+" "+m.Version)
	}
	return b
}

// appendMachine says what it was measured on.
func appendMachine(b []byte, r *results) []byte {
	s := r.setup
	load := spreadOf(r.each(func(m measured) float64 { return m.Others }))
	for _, text := range []string{
		s.Machine + ", all on loopback",
		s.System,
		fmt.Sprintf("begun on %s UTC; %v for each server, cell and round, %v with 10,000 connections",
			s.Begun.Format("2 January 2006, 15:04"), s.Duration, 3*s.Duration),
		fmt.Sprintf("others used %.2f processors meanwhile as the median of all measurements, at least %.2f, at most %.2f; this is what "+
			"the columns \"others\" say", load.median, load.least, load.most),
	} {
		b = appendItem(b, text)
	}
	return b
}

// each returns something of all measurements.
func (r *results) each(of func(measured) float64) (list []float64) {
	for _, o := range r.all {
		if o.Failed == "" {
			list = append(list, of(o.Figures))
		}
	}
	return list
}

var method = []string{
	`Each server runs in a process of its own, freshly started for each measurement, on one processor; the load generator, ` +
		"`wirews bench`" + `, which compares every byte of every answer, runs on another one. In each round every server has its turn, ` +
		`beginning with another one each time. Cells of 10,000 connections take long, and have a third of the rounds.`,
	`The figure is the CPU time of the server's process for a message, kernel included: the least of the rounds, with the median and ` +
		`the most beside it. Whoever else uses the machine, or the processor's other half, usually adds to it; two servers are compared by ` +
		`what they take when nobody does. The other columns are medians. A run in which the server had less than a tenth of a processor, ` +
		`or hardly a message came, is made again, up to four times. Compare within a table, not between tables, and not with another page.`,
	`"of limit" divides by ` + "`limit-epoll`" + `. "of best peer" divides by the best library that is not ours; gnet, which has no ` +
		`WebSocket of its own, is not counted. Compression is off everywhere. Every library is used as its documentation shows it, without ` +
		`timeouts.`,
}

// absent says what is not compared, and why.
var absent = []string{
	`Not here is github.com/antlabs/quickws. On 21 November 2026 the Go module proxy refused to list its versions, and refused v0.1.5, ` +
		`v0.1.12, v0.2.0, v0.2.1 and commit 060dfd9b1969 (403 Forbidden, "This module version is not available."); v0.2.2 it has, but the ` +
		`checksum database does not know that version (404 Not Found), so that the go command takes it for unverified. ` +
		`github.com/antlabs/greatws is here as v0.1.11, of March 2024: the list of its versions, v0.1.12, v0.2.0 and commit 0aa7f1e6be29 ` +
		`were refused in the same way.`,
}

// appendCell appends the table of a cell: the best first. None if there are no
// results. heading is the mark of its level.
func appendCell(b []byte, r *results, c cell, heading string) []byte {
	f := c.figure()
	var rows []row
	var faults []string
	for _, s := range servers {
		all, failed := r.of(c.name, s.name)
		if failed != "" {
			faults = append(faults, fmt.Sprintf("%s has failed in one of the rounds: %s.", s.title(), failed))
		}
		if len(all) > 0 {
			rows = append(rows, row{s, all, spreadOf(values(all, f.of))})
		}
	}
	if len(rows)+len(faults) == 0 {
		return b
	}
	limit, best := references(rows)
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.least, b.least) })
	b = fmt.Appendf(b, "\n%s %s\n\n%s; %s.\n\n", heading, c.name, strings.ToUpper(c.about[:1])+c.about[1:], count(c.rounds(r.setup.Rounds), "round"))
	columns, rule := c.columns(), "|---|--:|--:|--:|"
	b = fmt.Appendf(b, "| server | least %s, %s | median | most |", f.name, f.unit)
	if limit > 0 {
		b, rule = append(b, " of limit |"...), rule+"--:|"
	}
	b, rule = append(b, " of best peer |"...), rule+"--:|"
	for _, k := range columns {
		b, rule = fmt.Appendf(b, " %s |", k.name), rule+"--:|"
	}
	b = fmt.Appendf(b, "\n%s\n", rule)
	for _, w := range rows {
		b = fmt.Appendf(b, "| %s | %.0f | %s |", w.title(), w.least, w.cells())
		if limit > 0 {
			b = fmt.Appendf(b, " %s |", ratio(w.least, limit))
		}
		b = fmt.Appendf(b, " %s |", ratio(w.least, best))
		for _, k := range columns {
			b = fmt.Appendf(b, " "+k.format+" |", spreadOf(values(w.all, k.of)).median)
		}
		b = append(b, '\n')
	}
	for _, text := range faults {
		b = appendText(b, "%s", text)
	}
	return b
}

// appendGenerator appends what the load generator itself takes, beside a server
// that does the same amount of work.
func appendGenerator(b []byte, r *results) []byte {
	b = append(b, "\n## The load generator\n"...)
	b = appendText(b, "CPU time of `wirews bench` for a message, and of the `gws` server that it loads; the least of the rounds.")
	b = append(b, "\n| cell | generator, ns | `gws`, ns | ratio |\n|---|--:|--:|--:|\n"...)
	for _, c := range cells {
		all, _ := r.of(c.name, "gws")
		if c.figure().unit != cpuTime.unit || len(all) == 0 {
			continue
		}
		client := spreadOf(values(all, func(m measured) float64 { return m.Client.CPU })).least
		server := spreadOf(values(all, cpuTime.of)).least
		b = fmt.Appendf(b, "| %s | %.0f | %.0f | %s |\n", c.name, client, server, ratio(client, server))
	}
	return b
}

// row is a server in a table.
type row struct {
	server
	all []measured
	spread
}

// references returns what the others are divided by: the least of the limit, and
// of the best peer. 0 is none.
func references(rows []row) (limit, best float64) {
	for _, w := range rows {
		if w.name == "limit-epoll" {
			limit = w.least
		}
		if w.role == peer && !w.noCodec && (best == 0 || w.least < best) {
			best = w.least
		}
	}
	return limit, best
}

// title is a server's name on the page. Ours are bold.
func (s server) title() string {
	if s.role == ours {
		return "**`" + s.name + "`**"
	}
	return "`" + s.name + "`"
}

func count(n int, of string) string {
	if n != 1 {
		of += "s"
	}
	return fmt.Sprintf("%d %s", n, of)
}

func appendItem(b []byte, text string) []byte { return wrap(append(b, "- "...), text, "  ") }

// appendText appends a paragraph.
func appendText(b []byte, format string, args ...any) []byte {
	return wrap(append(b, '\n'), fmt.Sprintf(format, args...), "")
}

// lineWidth is how long lines of text are at most.
const lineWidth = 118

// wrap appends words, in lines that begin with indent but for the first.
func wrap(b []byte, text, indent string) []byte {
	at := len(b) - strings.LastIndexByte(string(b), '\n') - 1
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case at+1+len(word) > lineWidth:
			b = append(append(b, '\n'), indent...)
			at = len(indent)
		default:
			b = append(b, ' ')
			at++
		}
		b = append(b, word...)
		at += len(word)
	}
	return append(b, '\n')
}
