package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"golang.org/x/perf/benchmath"

	"github.com/wirews/wirews/cmd/internal/exit"
)

// ReadResults reads what --json has printed, once or several times one after the
// other.
func ReadResults(r io.Reader) (all []*Result, err error) {
	for d := json.NewDecoder(r); ; {
		var one Result
		if err := d.Decode(&one); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("this is not what bench --json prints: %w", err)
		}
		if one.Setup.URL == "" {
			return nil, errors.New("this is not what bench --json prints: it has no setup")
		}
		all = append(all, &one)
	}
	if all == nil {
		return nil, errors.New("there is no result in it")
	}
	return all, nil
}

// Compare writes a table of the medians of two sets of runs, with their spread, and
// whether they differ by more than chance explains. If a figure is worse by more
// than that percentage, and not by chance, the error has exit.Unfit; a worst that is
// not above zero allows everything.
func Compare(out io.Writer, before, after []*Result, worst float64) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\tbefore (%s)\tafter (%s)\tchange\t\n", count(len(before), "run"), count(len(after), "run"))
	if a, b := before[0].Setup.describe(), after[0].Setup.describe(); a != b {
		fmt.Fprintf(w, "warning\tthe runs differ in what was asked for: %s; %s\n", a, b)
	}
	var worse []string
	for _, m := range metrics() {
		x, y := m.sample(before), m.sample(after)
		switch {
		case x == nil && y == nil:
			continue
		case x == nil:
			fmt.Fprintf(w, "warning\t%s is not compared: no run before has it\n", m.name)
			continue
		case y == nil:
			fmt.Fprintf(w, "warning\t%s is not compared: no run after has it\n", m.name)
			continue
		}
		a, b := benchmath.AssumeNothing.Summary(x, 0.95), benchmath.AssumeNothing.Summary(y, 0.95)
		c := benchmath.AssumeNothing.Compare(x, y)
		fmt.Fprintf(w, "%s\t%s %s\t%s %s\t%s\t(%s)\n", m.name, m.shown(a.Center), spread(x), m.shown(b.Center), spread(y), c.FormatDelta(a.Center, b.Center), c)
		change := 100 * (b.Center - a.Center) / a.Center
		if m.more {
			change = -change
		}
		if worst > 0 && c.P < c.Alpha && change > worst {
			worse = append(worse, m.name)
		}
	}
	if len(before) < 4 || len(after) < 4 {
		fmt.Fprintln(w, "note\tfour runs or more of each tell a difference from chance; ~ says that none was found")
	}
	if err := w.Flush(); err != nil || worse == nil {
		return err
	}
	return exit.With(exit.Unfit, fmt.Errorf("worse by more than %g %%: %q", worst, worse))
}

// sample returns the figure of the runs that have it; nil if none does.
func (m metric) sample(runs []*Result) *benchmath.Sample {
	var values []float64
	for _, r := range runs {
		v, ok := m.of(r)
		if ok {
			values = append(values, v)
		}
	}
	if values == nil {
		return nil
	}
	return benchmath.NewSample(values, &benchmath.DefaultThresholds)
}

// spread says how far the runs are from their middle, in percent of it.
func spread(s *benchmath.Sample) string {
	least, most := s.Values[0], s.Values[len(s.Values)-1] // it is sorted
	if middle := (least + most) / 2; middle != 0 {
		return fmt.Sprintf("±%.0f%%", math.Ceil(50*(most-least)/middle))
	}
	return "±0%"
}
