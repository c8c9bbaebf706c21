package bench

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Bar is a bar of the histogram: the answers that took up to a time, and longer
// than the bar before says.
type Bar struct {
	UpTo  int64 `json:"up_to_ns"`
	Count int64 `json:"count"`
}

// barsOf counts the answers in h by steps of 1, 2 and 5, from the first that has
// any to the last.
func barsOf(h *hdrhistogram.Histogram) (bars []Bar) {
	if h.TotalCount() == 0 {
		return nil
	}
	bound := barBound(0)
	n := 0
	for _, b := range h.Distribution() {
		if b.Count == 0 {
			continue
		}
		for b.To > bound {
			if n++; len(bars) > 0 || barBound(n) >= b.To {
				bars = append(bars, Bar{UpTo: barBound(n)})
			}
			bound = barBound(n)
		}
		if len(bars) == 0 {
			bars = append(bars, Bar{UpTo: bound})
		}
		bars[len(bars)-1].Count += b.Count
	}
	return bars
}

// barBound returns 1, 2, 5, 10, 20, 50 and so on.
func barBound(n int) int64 {
	v := []int64{1, 2, 5}[n%3]
	for range n / 3 {
		v *= 10
	}
	return v
}

// writeBars draws the histogram, each bar as long as its share of all answers, in
// so many columns.
func (r *Result) writeBars(w io.Writer, columns int) {
	const labels = 22 // columns of what stands beside a bar
	room := min(max(columns-labels, 10), 60)
	most := int64(0)
	for _, b := range r.Histogram {
		most = max(most, b.Count)
	}
	if most == 0 {
		return
	}
	for _, b := range r.Histogram {
		length := int((b.Count*int64(room) + most/2) / most)
		if b.Count > 0 {
			length = max(length, 1)
		}
		share := 100 * float64(b.Count) / float64(r.Latency.Count)
		line := fmt.Sprintf("  <= %-6s %7.3f %% %s", brief(time.Duration(b.UpTo)), share, strings.Repeat("#", length))
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}
