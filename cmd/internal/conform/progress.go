package conform

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/wirews/wirews/autobahn"
	"github.com/wirews/wirews/cmd/internal/plain"
)

// progress shows how far a run is: on a terminal as a bar that is drawn again
// with each result, elsewhere as a line for each section that is done.
type progress struct {
	o     Options
	total int
	left  map[string]int // cases of each section
	costs map[string]int // what each case takes, in comparison
	cost  int            // of all cases

	begun time.Time

	mu     sync.Mutex
	agents map[string]*agentProgress
	drawn  bool
}

// agentProgress is that of one peer: clients may run at once.
type agentProgress struct {
	done, failed int
	paid         int // of progress.cost
	sections     map[string][]*autobahn.Result
}

func newProgress(o Options, cases []*autobahn.Case) *progress {
	p := &progress{
		o: o, total: len(cases), left: make(map[string]int), costs: make(map[string]int),
		begun: time.Now(), agents: make(map[string]*agentProgress),
	}
	for _, c := range cases {
		p.left[c.Section()]++
		p.costs[c.ID] = 1
		if c.Heavy() {
			p.costs[c.ID] = heavyCost
		}
		p.cost += p.costs[c.ID]
	}
	return p
}

// heavyCost is how many times as long a heavy case takes as another, of which
// more run at once.
const heavyCost = 10

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
	a.paid += p.costs[r.Case]
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
	if left := p.timeLeft(a); left > 0 {
		end += fmt.Sprintf(" %v left", left)
	}
	room := max(10, min(p.o.Width-len(end)-3, 60))
	full := room * min(a.done, p.total) / max(p.total, 1)
	fmt.Fprintf(p.o.Progress, "\r[%s%s]%s\x1b[K", strings.Repeat("=", full), strings.Repeat(" ", room-full), end)
	p.drawn = true
}

// timeLeft estimates how long the rest takes, in whole seconds; 0 as long as too
// little is done to say.
func (p *progress) timeLeft(a *agentProgress) time.Duration {
	elapsed := time.Since(p.begun)
	if elapsed < 2*time.Second || a.paid == 0 {
		return 0
	}
	return (elapsed * time.Duration(p.cost-a.paid) / time.Duration(a.paid)).Round(time.Second)
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
