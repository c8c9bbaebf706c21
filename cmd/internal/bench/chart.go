package bench

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// chart is a drawing of lines over an axis, in units of SVG. The page has the
// colours.
type chart struct {
	Title, Note   string
	X, Y          []mark
	Lines         []line
	Width, Height int
	Left, Bottom  float64 // where the axes are
	Right, Top    float64
}

// mark is a labelled place on an axis.
type mark struct {
	At    float64
	Label string
}

// line has points as the attribute of a polyline.
type line struct {
	Name   string
	Points string
	Number int // which colour
}

// The size of a chart, and the room for labels beside it.
const (
	chartWidth, chartHeight = 860, 300
	leftRoom, rightRoom     = 70, 20
	topRoom, bottomRoom     = 14, 34
)

func newChart(title, note string) chart {
	return chart{
		Title: title, Note: note, Width: chartWidth, Height: chartHeight,
		Left: leftRoom, Bottom: chartHeight - bottomRoom, Right: chartWidth - rightRoom, Top: topRoom,
	}
}

// scale maps values to 0..1.
type scale func(v float64) float64

func linear(from, to float64) scale {
	return func(v float64) float64 { return (v - from) / (to - from) }
}

func logarithmic(from, to float64) scale {
	return func(v float64) float64 { return math.Log(max(v, from)/from) / math.Log(to/from) }
}

func (c *chart) x(at float64) float64 { return c.Left + at*(c.Right-c.Left) }
func (c *chart) y(at float64) float64 { return c.Bottom - at*(c.Bottom-c.Top) }

// add draws a line through points, whose values the scales map.
func (c *chart) add(name string, xs, ys []float64, sx, sy scale) {
	var b strings.Builder
	l := line{Name: name, Number: len(c.Lines)}
	for i := range xs {
		fmt.Fprintf(&b, "%.1f,%.1f ", c.x(sx(xs[i])), c.y(sy(ys[i])))
	}
	l.Points = strings.TrimSpace(b.String())
	c.Lines = append(c.Lines, l)
}

// steps returns about five round numbers from 0 on that go beyond most.
func steps(most float64) []float64 {
	if most <= 0 {
		most = 1
	}
	size := math.Pow(10, math.Floor(math.Log10(most/4)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if most/(m*size) <= 5 {
			size *= m
			break
		}
	}
	var all []float64
	for v := 0.0; ; v += size {
		if all = append(all, v); v >= most {
			return all
		}
	}
}

// decades returns the powers of ten around the values from least to most.
func decades(least, most float64) []float64 {
	least = math.Pow(10, math.Floor(math.Log10(max(least, 1))))
	all := []float64{least}
	for all[len(all)-1] < most || len(all) < 2 {
		all = append(all, all[len(all)-1]*10)
	}
	return all
}

// charts draws what r has: latency by percentile, and the course of the run,
// which an idle one does not have.
func (r *Result) charts() (all []chart) {
	if len(r.Spread) > 1 {
		all = append(all, r.percentiles())
	}
	if r.Setup.Mode == Idle || len(r.Series) < 2 {
		return all
	}
	if len(r.Series) > 2 || !r.Series[1].Rest {
		all = append(all, r.rates())
	}
	if r.Latency.Count > 0 {
		all = append(all, r.course())
	}
	return all
}

// percentiles draws latency over the share of messages that took no longer, each
// further nine of it at the same distance.
func (r *Result) percentiles() chart {
	c := newChart("Latency by percentile", "How long answers took: of a thousand messages, one took longer than 99.9 % says.")
	var xs, ys []float64
	nines := 1.0
	for _, b := range r.Spread {
		if b.Percent < 100 {
			xs, ys = append(xs, 100/(100-b.Percent)), append(ys, float64(b.Within))
			nines = max(nines, 100/(100-b.Percent))
		}
	}
	xs, ys = append(xs, nines*1.5), append(ys, float64(r.Latency.Max))
	sx := logarithmic(1, nines*1.5)
	marks := decades(float64(r.Latency.Min), float64(r.Latency.Max))
	sy := logarithmic(marks[0], marks[len(marks)-1])
	for _, x := range []mark{{1, "0"}, {2, "50 %"}, {10, "90 %"}, {100, "99 %"}, {1000, "99.9 %"}, {1e4, "99.99 %"}, {1e5, "99.999 %"}, {1e6, "99.9999 %"}} {
		if x.At <= nines*1.5 {
			c.X = append(c.X, mark{c.x(sx(x.At)), x.Label})
		}
	}
	c.durations(marks, sy)
	c.add("latency", xs, ys, sx, sy)
	return c
}

func (c *chart) durations(marks []float64, sy scale) {
	for _, v := range marks {
		c.Y = append(c.Y, mark{c.y(sy(v)), brief(time.Duration(v))})
	}
}

// seconds marks the time axis, and returns its scale and the times.
func (c *chart) seconds(series []Second) (xs []float64, sx scale) {
	for _, s := range series {
		xs = append(xs, s.At)
	}
	end := xs[len(xs)-1]
	sx = linear(0, end)
	for _, v := range steps(end) {
		if v <= end {
			c.X = append(c.X, mark{c.x(sx(v)), fmt.Sprintf("%g s", v)})
		}
	}
	return xs, sx
}

func (r *Result) rates() chart {
	c := newChart("Rate", "Answers a second in the course of the run.")
	// Nothing is sent any more while the rest comes.
	whole := slices.DeleteFunc(slices.Clone(r.Series), func(s Second) bool { return s.Rest })
	xs, sx := c.seconds(whole)
	var ys []float64
	most := 0.0
	for _, s := range whole {
		ys = append(ys, s.PerSecond)
		most = max(most, s.PerSecond)
	}
	marks := steps(max(most, 5))
	sy := linear(0, marks[len(marks)-1])
	for _, v := range marks {
		c.Y = append(c.Y, mark{c.y(sy(v)), short(v)})
	}
	c.add("answers a second", xs, ys, sx, sy)
	return c
}

func (r *Result) course() chart {
	c := newChart("Latency over time", "Of the answers that came in each part of the run, and of those that came after its end.")
	var all []Second
	least, most := math.Inf(1), 0.0
	for _, s := range r.Series {
		if s.Max > 0 { // parts without an answer have none
			all = append(all, s)
			least, most = min(least, float64(s.P50)), max(most, float64(s.Max))
		}
	}
	if len(all) == 0 {
		return c
	}
	_, sx := c.seconds(r.Series)
	marks := decades(least, most)
	sy := logarithmic(marks[0], marks[len(marks)-1])
	c.durations(marks, sy)
	for _, l := range []struct {
		name string
		of   func(Second) int64
	}{
		{"p50", func(s Second) int64 { return s.P50 }},
		{"p99", func(s Second) int64 { return s.P99 }},
		{"longest", func(s Second) int64 { return s.Max }},
	} {
		var xs, ys []float64
		for _, s := range all {
			xs, ys = append(xs, s.At), append(ys, float64(l.of(s)))
		}
		c.add(l.name, xs, ys, sx, sy)
	}
	return c
}
