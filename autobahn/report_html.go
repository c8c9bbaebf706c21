package autobahn

import (
	_ "embed"
	"html/template"
	"io"
	"maps"
	"slices"
	"time"
)

//go:embed report.html
var reportHTML string

var reportPage = template.Must(template.New("report").Parse(reportHTML))

// WriteHTML writes a page with all results, which needs no other file: agents by
// case, and for each what was expected, what was received, the wire log, how the
// connection ended, and when, and the explanation of the case.
func (r *Report) WriteHTML(w io.Writer) error {
	return reportPage.Execute(w, r.page())
}

// page is the data of the page.
type page struct {
	Role    string                       `json:"role"`
	Time    string                       `json:"time"`
	Agents  []string                     `json:"agents"`
	Groups  []group                      `json:"groups"`
	Results map[string]map[string]*shown `json:"results"` // by agent and case
}

// group is a section's part, with those cases that have a result.
type group struct {
	Number string  `json:"number"`
	Title  string  `json:"title"`
	Ours   bool    `json:"ours"`
	Cases  []entry `json:"cases"`
}

type entry struct {
	ID      string `json:"id"`
	Sends   string `json:"sends"`
	Wants   string `json:"wants"`
	RFC     string `json:"rfc"`
	Explain string `json:"explain"`
}

// shown is a result as the page shows it.
type shown struct {
	Behavior      Behavior    `json:"behavior"`
	BehaviorClose Behavior    `json:"behaviorClose"`
	Passed        bool        `json:"passed"`
	Why           string      `json:"why"`
	Started       string      `json:"started"`
	Milliseconds  float64     `json:"ms"`
	Expected      []string    `json:"expected"`
	Received      []string    `json:"received"`
	Rounds        int         `json:"rounds"`
	Closing       Closing     `json:"closing"`
	Request       string      `json:"request"`
	Response      string      `json:"response"`
	Extension     string      `json:"extension"`
	Sent          Traffic     `json:"sent"`
	Arrived       Traffic     `json:"arrived"`
	Wire          []WireEntry `json:"wire"`
}

func (r *Report) page() page {
	p := page{Role: r.Role.String(), Results: make(map[string]map[string]*shown)}
	if !r.Time.IsZero() {
		p.Time = r.Time.UTC().Format(time.RFC3339)
	}
	ran := make(map[string]bool)
	for _, x := range r.Results {
		if p.Results[x.Agent] == nil {
			p.Results[x.Agent] = make(map[string]*shown)
		}
		p.Results[x.Agent][x.Case] = &shown{
			x.Behavior, x.BehaviorClose, x.Passed(), x.Why, x.Started.UTC().Format(time.RFC3339Nano), float64(x.Duration.Microseconds()) / 1000,
			x.Expected, x.Received, x.Rounds, x.Closing, x.Request, x.Response, x.Extension, x.Sent, x.Arrived, x.Wire,
		}
		ran[x.Case] = true
	}
	p.Agents = slices.Sorted(maps.Keys(p.Results))
	for _, part := range allParts() {
		g := group{Number: part.number, Title: part.title, Ours: part.cases[0].Ours}
		for _, c := range part.cases {
			if ran[c.ID] {
				g.Cases = append(g.Cases, entry{c.ID, c.Sends, c.Wants, c.RFC, c.Explain()})
			}
		}
		if len(g.Cases) > 0 {
			p.Groups = append(p.Groups, g)
		}
	}
	return p
}
