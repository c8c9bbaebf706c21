package bench

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
)

// Threshold is what a figure of a run has to be below, or above.
type Threshold struct {
	text   string
	metric metric
	above  bool
	bound  float64
}

// ParseThreshold reads one such as p99<5ms, rate>20000 or failures<1.
func ParseThreshold(s string) (t Threshold, err error) {
	i := strings.IndexAny(s, "<>")
	if i < 0 {
		return t, fmt.Errorf("threshold %q: want a figure, < or >, and a value, as p99<5ms", s)
	}
	name, value := strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+1:])
	all := metrics()
	at := slices.IndexFunc(all, func(m metric) bool { return m.name == name })
	if at < 0 {
		var names []string
		for _, m := range all {
			names = append(names, m.name)
		}
		return t, fmt.Errorf("threshold %q: %q is none of %s", s, name, strings.Join(names, ", "))
	}
	t = Threshold{text: s, metric: all[at], above: s[i] == '>'}
	if d, derr := time.ParseDuration(value); derr == nil {
		t.bound = float64(d)
	} else if t.bound, err = strconv.ParseFloat(value, 64); err != nil || math.IsNaN(t.bound) {
		return t, fmt.Errorf("threshold %q: %q is neither a duration nor a number", s, value)
	}
	return t, nil
}

// met says whether r keeps to the threshold, and what it has.
func (t Threshold) met(r *Result) (has string, ok bool) {
	v, known := t.metric.of(r)
	if !known {
		return "not measured", false
	}
	if t.above {
		return t.metric.shown(v), v > t.bound
	}
	return t.metric.shown(v), v < t.bound
}

// Missed returns an error with exit.Unfit that names the thresholds that r does not
// keep to; nil for none.
func (r *Result) Missed(thresholds []Threshold) error {
	var missed []string
	for _, t := range thresholds {
		if has, ok := t.met(r); !ok {
			missed = append(missed, fmt.Sprintf("%s (it is %s)", t.text, has))
		}
	}
	if missed == nil {
		return nil
	}
	return exit.With(exit.Unfit, fmt.Errorf("thresholds that were missed: %s", strings.Join(missed, ", ")))
}
