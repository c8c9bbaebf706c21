package attack

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/wirews/wirews/cmd/internal/plain"
)

// Line is a result on one line, or on two if something speaks against the server.
func (r *Result) Line() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-11s %-32s %s", r.Verdict, r.Attack, plain.Line(r.Seen))
	if r.Verdict == Weak || r.Verdict == Lenient {
		fmt.Fprintf(&b, "\n%-11s %-32s wanted: %s (%s)", "", "", r.Wants, r.RFC)
	}
	return b.String()
}

// Cost is what the attack has cost others, and the process, in a few words.
func (r *Result) Cost() string {
	words := []string{fmt.Sprintf("others waited %s at most", brief(r.Others.Longest))}
	if s := r.Server; s != nil {
		words = append(words, fmt.Sprintf("memory %+d MiB", (s.During.Resident-s.Before.Resident)>>20),
			fmt.Sprintf("CPU %s, ours %s", brief(s.CPU), brief(s.OurCPU)),
			fmt.Sprintf("descriptors %d, %d, %d", s.Before.Descriptors, s.During.Descriptors, s.After.Descriptors))
	}
	return strings.Join(words, "; ")
}

// brief writes a time so that it can be compared at a glance.
func brief(d time.Duration) string {
	switch {
	case d >= time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d >= time.Millisecond:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
}

// Summary says how many results there are of each verdict.
func (r *Report) Summary() string {
	words := []string{fmt.Sprintf("%d attacks", len(r.Results))}
	for _, v := range verdicts {
		if n := r.Counts[v]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, v))
		}
	}
	return plain.Line(r.URL) + ": " + strings.Join(words, ", ")
}

// WriteJSON writes the report.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(plain.JSON(w))
	e.SetIndent("", "  ")
	return e.Encode(r)
}
