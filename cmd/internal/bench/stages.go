package bench

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Stage is a part of a run in an open loop, in which the rate goes evenly to another.
type Stage struct {
	Length time.Duration
	Rate   float64 // messages a second, at its end
}

// ParseStages reads stages such as 10s:1000,1m:1000,5s:0.
func ParseStages(s string) (all []Stage, err error) {
	for word := range strings.SplitSeq(s, ",") {
		length, rate, ok := strings.Cut(strings.TrimSpace(word), ":")
		var one Stage
		if one.Length, err = time.ParseDuration(length); ok && err == nil {
			one.Rate, err = strconv.ParseFloat(rate, 64)
		}
		if !ok || err != nil || one.Length <= 0 || !(one.Rate >= 0 && one.Rate <= maxRate) {
			return nil, fmt.Errorf("stage %q: want a duration and the rate at its end, as 10s:1000", word)
		}
		if all = append(all, one); total(all) <= 0 || total(all) > maxLength {
			return nil, fmt.Errorf("stages %q: together they take too long", s)
		}
	}
	return all, nil
}

// maxLength is that of a run: the clock of one has nanoseconds in 63 bits.
const maxLength = 100 * 365 * 24 * time.Hour

// String returns what ParseStages reads.
func (s Stage) String() string { return fmt.Sprintf("%v:%g", s.Length, s.Rate) }

func stagesText(stages []Stage) string {
	var words []string
	for _, s := range stages {
		words = append(words, s.String())
	}
	return strings.Join(words, ",")
}

// total returns how long stages take.
func total(stages []Stage) (d time.Duration) {
	for _, s := range stages {
		d += s.Length
	}
	return d
}

// ramp is a rate that changes in stages, beginning with first.
type ramp struct {
	first  float64
	stages []Stage
}

// count returns how many messages are due up to a time after the start, in nanoseconds;
// not a whole number.
func (r ramp) count(t float64) (n float64) {
	rate := r.first
	for _, s := range r.stages {
		length := float64(s.Length)
		dt := min(t, length)
		n += (rate*dt + (s.Rate-rate)*dt*dt/(2*length)) / 1e9
		if t -= dt; t <= 0 {
			return n
		}
		rate = s.Rate
	}
	return n
}

// at returns when the message of a number is due, in nanoseconds after the start; far
// beyond the end for one that is not.
func (r ramp) at(number float64) float64 {
	rate, begun := r.first, 0.0
	for _, s := range r.stages {
		length := float64(s.Length)
		if has := (rate + s.Rate) / 2 * length / 1e9; number >= has {
			number -= has
			begun += length
			rate = s.Rate
			continue
		}
		if number <= 0 {
			return begun
		}
		// rate*t + (s.Rate-rate)*t*t/(2*length) is number*1e9, in the form that does not
		// subtract what is nearly the same.
		change := (s.Rate - rate) / length
		root := math.Sqrt(max(rate*rate+2*change*number*1e9, 0))
		return begun + min(2*number*1e9/(rate+root), length)
	}
	return begun + never
}

// never is longer than any run, in nanoseconds.
const never = 1e17

// part is what was timed of messages that were begun before a time, and after the part
// before.
type part struct {
	until   int64
	latency *hdrhistogram.Histogram
}

// StageResult is what was measured of the messages that were due in a stage.
type StageResult struct {
	Seconds   float64 `json:"seconds"`
	Rate      float64 `json:"rate"` // asked for, at its end
	PerSecond float64 `json:"messages_per_second"`
	Latency   Latency `json:"latency_ns"`
}

// stages returns the parts of the run, from the parts of all recorders.
func (b *bench) stages() (all []StageResult) {
	for i, s := range b.o.Stages {
		h := newHistogram()
		for _, r := range b.recorders {
			r.lock()
			h.Merge(r.parts[i].latency)
			r.unlock()
		}
		all = append(all, StageResult{
			Seconds: s.Length.Seconds(), Rate: s.Rate, PerSecond: float64(h.TotalCount()) / s.Length.Seconds(), Latency: latencyOf(h),
		})
	}
	return all
}

// newParts returns the parts that stages make of a run that begins at a time.
func newParts(stages []Stage, from int64) (all []part) {
	for _, s := range stages {
		from += int64(s.Length)
		all = append(all, part{from, newHistogram()})
	}
	return all
}
