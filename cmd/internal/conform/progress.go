package conform

import (
	"fmt"
	"strings"
	"sync"

	"github.com/wirews/wirews/autobahn"
	"github.com/wirews/wirews/cmd/internal/plain"
)

// progress shows how far a run is: on a terminal as a bar that is drawn again
// with each result, elsewhere as a line for each section that is done.
type progress struct {
	o     Options
	total int
	left  map[string]int // cases of each section

	mu     sync.Mutex
	agents map[string]*agentProgress
	drawn  bool
}

// agentProgress is that of one peer: clients may run at once.
type agentProgress struct {
	done, failed int
	sections     map[string][]*autobahn.Result
}

func newProgress(o Options, cases []*autobahn.Case) *progress {
	p := &progress{o: o, total: len(cases), left: make(map[string]int), agents: make(map[string]*agentProgress)}
	for _, c := range cases {
		p.left[c.Section()]++
	}
	return p
}

// add takes a result. It may be called concurrently.
func (p *progress) add(r *autobahn.Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.agents[r.Agent]
	if a == nil {
		a = &agentProgress{sections: make(map[string][]*autobahn.Result)}
		p.agents[r.Agent] = a
	}
	a.done++
	if !r.Passed() {
		a.failed++
	}
	section, _, _ := strings.Cut(r.Case, ".")
	a.sections[section] = append(a.sections[section], r)
	switch {
	case p.o.Terminal:
		p.draw(r, a)
	case len(a.sections[section]) == p.left[section]:
		fmt.Fprintf(p.o.Progress, "%s: section %s, %s: %s\n", plain.Line(r.Agent), section, autobahn.SectionTitle(section), counts(a.sections[section]))
	}
}

// draw draws the bar over the one before.
func (p *progress) draw(r *autobahn.Result, a *agentProgress) {
	end := fmt.Sprintf(" %d/%d %-8s", a.done, p.total, r.Case)
	if a.failed > 0 {
		end += fmt.Sprintf(" %d failed", a.failed)
	}
	room := max(10, min(p.o.Width-len(end)-3, 60))
	full := room * min(a.done, p.total) / max(p.total, 1)
	fmt.Fprintf(p.o.Progress, "\r[%s%s]%s\x1b[K", strings.Repeat("=", full), strings.Repeat(" ", room-full), end)
	p.drawn = true
}

// end leaves the bar as it is, and what follows on a line of its own.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		fmt.Fprintln(p.o.Progress)
		p.drawn = false
	}
}
