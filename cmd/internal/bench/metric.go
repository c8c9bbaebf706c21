package bench

import (
	"fmt"
	"time"
)

// metric is a figure of a Result that runs are compared by and that thresholds are
// for.
type metric struct {
	name  string
	more  bool // more is better
	of    func(*Result) (v float64, ok bool)
	shown func(v float64) string
}

// metrics are all there are.
func metrics() []metric {
	latency := func(name string, of func(Latency) float64) metric {
		return metric{name, false, func(r *Result) (float64, bool) { return of(r.Latency), r.Latency.Count > 0 }, nanoseconds}
	}
	server := func(name string, of func(*Process) float64, shown func(float64) string) metric {
		return metric{name, false, func(r *Result) (float64, bool) {
			if r.Server == nil {
				return 0, false
			}
			v := of(r.Server)
			return v, v > 0
		}, shown}
	}
	rooms := func(name string, of func(*Rooms) int64) metric { // p99, in the modes of rooms
		return metric{name, false, func(r *Result) (float64, bool) {
			if r.Rooms == nil {
				return 0, false
			}
			return float64(of(r.Rooms)), r.Rooms.All.Count > 0
		}, nanoseconds}
	}
	return []metric{
		{"rate", true, func(r *Result) (float64, bool) { return r.PerSecond, r.Setup.Mode != Idle }, func(v float64) string { return short(v) + "/s" }},
		latency("p50", func(l Latency) float64 { return float64(l.P50) }),
		latency("p90", func(l Latency) float64 { return float64(l.P90) }),
		latency("p99", func(l Latency) float64 { return float64(l.P99) }),
		latency("p99.9", func(l Latency) float64 { return float64(l.P999) }),
		latency("max", func(l Latency) float64 { return float64(l.Max) }),
		rooms("everybody", func(r *Rooms) int64 { return r.All.P99 }),
		rooms("worst", func(r *Rooms) int64 { return r.WorstP99 }),
		latency("mean", func(l Latency) float64 { return l.Mean }),
		server("cpu", func(p *Process) float64 { return p.CPU }, nanoseconds),
		server("resident", func(p *Process) float64 { return float64(p.Resident) }, func(v float64) string { return fmt.Sprintf("%.1fMiB", v/(1<<20)) }),
		{"failures", false, func(r *Result) (float64, bool) {
			f := r.Failures
			return float64(f.Refused+f.Wrong+f.Ended) + float64(f.Lost), true
		}, func(v float64) string { return fmt.Sprint(v) }},
	}
}

func nanoseconds(v float64) string { return brief(time.Duration(v)) }
