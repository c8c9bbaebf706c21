package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// page returns docs/attacks.md, made of the results only.
func page(runs []*run) []byte {
	var b bytes.Buffer
	first := runs[0].Report
	fmt.Fprintf(&b, `# Under attack

`+"`wirews attack`"+` does to a WebSocket server of any make what its enemies would, and judges how it takes that. This page is what it
says of ours and of others. It is made by `+"`make attack`"+`; do not edit it. What is defended against, and how, is on [the page about
security](security.md), and what a connection may cost on [that about limits](limits.md).

`+"```sh"+`
wirews attack --pid "$(pgrep myserver)" --html report.html ws://localhost:8080/echo
wirews attack --list
`+"```"+`

## Method

- Each server runs in a process of its own, and echoes. All that have such settings take messages of up to %d MiB and give a handshake
  %v, the ones in net/http by `+"`ReadHeaderTimeout`"+`; compression is on where there is one; all else is as the library has it by default.
- Attacks are made one after the other, with %s connections at once, and floods last %s. Meanwhile one more client opens connections,
  sends messages and waits for their echoes: an attack is **weak** too if it waits for more than %s, if the server's memory
  grows by more than 160 MiB and four times what it has to hold, or if more than eight descriptors more are open ten seconds after the attack.
- **resisted** is as it should be; **lenient** is allowed, but a stricter server is safer; a dash is for what the server does not have.
- CPU is the server's time against the attacker's, both on this machine: %s, %s. It depends on
  how fast the attacker is, and is no verdict.
- Begun on %s UTC. The load of the machine, which had other work too, was %s in the last minutes: what a verdict says
  of others that waited, or of a server that took no more, is harder on slow servers then.

## Servers

| server | version | how | resisted | lenient | weak |
|---|---|---|---|---|---|
`, limit>>20, handshake, first.Setup["connections"], first.Setup["duration"], first.Setup["others"], system(), runtime.Version(), first.Begun.UTC().Format("2 January 2006, 15:04"), load())
	for _, r := range runs {
		c := r.Report.Counts
		fmt.Fprintf(&b, "| %s | %s | %s | %d | %d | %d |\n", r.server.title(), r.Version, r.server.about, c["resisted"], c["lenient"], c["weak"])
	}
	b.WriteString("\n## Verdicts\n")
	for _, group := range groups(runs) {
		table(&b, group, runs)
	}
	b.WriteString("\n## What was seen\n\nOf each verdict that is not as it should be.\n")
	for _, r := range runs {
		fmt.Fprintf(&b, "\n### %s\n\n", r.server.name)
		n := 0
		for _, x := range r.Report.Results {
			if x.Verdict == "weak" || x.Verdict == "lenient" || x.Verdict == "untried" {
				fmt.Fprintf(&b, "- %s, %s: %s\n", x.Attack, x.Verdict, escape(x.Seen))
				n++
			}
		}
		if n == 0 {
			b.WriteString("Nothing.\n")
		}
	}
	b.WriteString("\n## What it costs\n\nThe most of all attacks on each server.\n\n| server | others waited, ms | memory grew, MiB | descriptors | threads | its CPU for a second of the attacker's |\n|---|---|---|---|---|---|\n")
	for _, r := range runs {
		c := r.costs()
		fmt.Fprintf(&b, "| %s | %d (%s) | %d (%s) | %d | %d | %.1f (%s) |\n", r.server.name, c.waited.Milliseconds(), c.waitedAt, c.memory>>20, c.memoryAt, c.descriptors, c.threads, c.cpu, c.cpuAt)
	}
	return b.Bytes()
}

func (s *server) title() string {
	if s.ours {
		return "**" + s.name + "**"
	}
	return s.name
}

// group is a family, with its attacks.
type group struct {
	family  string
	attacks []result
}

func groups(runs []*run) (all []group) {
	seen := make(map[string]bool)
	for _, r := range runs {
		for _, x := range r.Report.Results {
			family, _, _ := strings.Cut(x.Attack, "/")
			if seen[x.Attack] {
				continue
			}
			seen[x.Attack] = true
			if len(all) == 0 || all[len(all)-1].family != family {
				all = append(all, group{family: family})
			}
			all[len(all)-1].attacks = append(all[len(all)-1].attacks, x)
		}
	}
	return all
}

var signs = map[string]string{"resisted": "ok", "lenient": "lenient", "weak": "**weak**", "not offered": "-", "untried": "?", "": ""}

// table has a row for each attack of a family, and a column for each server that
// has one of them.
func table(b *bytes.Buffer, g group, runs []*run) {
	var shown []*run
	for _, r := range runs {
		for _, x := range r.Report.Results {
			if x.Attack == g.attacks[0].Attack && (g.family != "http2" || x.Verdict != "not offered") {
				shown = append(shown, r)
			}
		}
	}
	if len(shown) == 0 {
		return
	}
	fmt.Fprintf(b, "\n### %s\n\n| attack | what is done |", g.family)
	for _, r := range shown {
		fmt.Fprintf(b, " %s |", r.server.title())
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(shown)) + "\n")
	for _, a := range g.attacks {
		_, name, _ := strings.Cut(a.Attack, "/")
		fmt.Fprintf(b, "| %s | %s |", name, escape(a.Does))
		for _, r := range shown {
			fmt.Fprintf(b, " %s |", signs[r.verdict(a.Attack)])
		}
		b.WriteString("\n")
	}
}

func (r *run) verdict(attack string) string {
	for _, x := range r.Report.Results {
		if x.Attack == attack {
			return x.Verdict
		}
	}
	return ""
}

func escape(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// costs are the most of each.
type costs struct {
	waited                    time.Duration
	memory                    int64
	descriptors, threads      int
	cpu                       float64
	waitedAt, memoryAt, cpuAt string
}

func (r *run) costs() (c costs) {
	for _, x := range r.Report.Results {
		if x.Others.Longest > c.waited {
			c.waited, c.waitedAt = x.Others.Longest, x.Attack
		}
		s := x.Server
		if s == nil {
			continue
		}
		if grown := s.During.Resident - s.Before.Resident; grown > c.memory {
			c.memory, c.memoryAt = grown, x.Attack
		}
		c.descriptors, c.threads = max(c.descriptors, s.During.Descriptors), max(c.threads, s.During.Threads)
		// Of what takes hardly any time, the ratio says nothing.
		if ratio := float64(s.CPU) / float64(s.Our); s.CPU > 200*time.Millisecond && s.Our > 0 && ratio > c.cpu {
			c.cpu, c.cpuAt = ratio, x.Attack
		}
	}
	return c
}

// load is the load average of the last fifteen minutes, for as many processors as
// system says.
func load() string {
	b, _ := os.ReadFile("/proc/loadavg")
	if words := strings.Fields(string(b)); len(words) > 2 {
		return words[2]
	}
	return "not known"
}

func system() string {
	kernel, _ := exec.Command("uname", "-sr").Output()
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return fmt.Sprintf("%s, %d processors, %s", strings.TrimSpace(value), runtime.NumCPU(), strings.TrimSpace(string(kernel)))
		}
	}
	return strings.TrimSpace(string(kernel))
}
