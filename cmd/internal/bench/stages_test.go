package bench

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"
)

func TestStagesAreParsed(t *testing.T) {
	for _, text := range []string{"10s:1000", "1s:0,1m0s:1000,5s:0", "500ms:0.5"} {
		got, err := ParseStages(text)
		if err != nil || stagesText(got) != text {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "10s", "10s:", ":5", "10:5", "-1s:5", "0s:5", "1s:-1", "1s:NaN", "1s:1e10", "1s:5,"} {
		if got, err := ParseStages(text); err == nil || !strings.Contains(err.Error(), "as 10s:1000") {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func TestARampHasAsManyMessagesAsTheAreaBelowIt(t *testing.T) {
	stages, err := ParseStages("10s:100,10s:100,10s:0,5s:0,5s:10")
	if err != nil {
		t.Fatal(err)
	}
	r := ramp{first: 0, stages: stages}
	for seconds, want := range map[float64]float64{0: 0, 5: 125, 10: 500, 20: 1500, 25: 1875, 30: 2000, 34: 2000, 40: 2025, 50: 2025} {
		if got := r.count(seconds * 1e9); math.Abs(got-want) > 1e-6 {
			t.Errorf("after %v s: %v, want %v", seconds, got, want)
		}
	}
	last := -1.0
	for n := range 2025 {
		at := r.at(float64(n))
		if at < last || math.Abs(r.count(at)-float64(n)) > 1e-3 {
			t.Fatalf("message %d is due at %v, when %v are", n, at, r.count(at))
		}
		last = at
	}
	if at := r.at(2025); at < 40e9 {
		t.Errorf("one more is due at %v", at)
	}
}

func TestDueIsTheInverseOfAtInStages(t *testing.T) {
	stages, err := ParseStages("2s:1000,1s:0,1s:0,1s:70000,3s:1")
	if err != nil {
		t.Fatal(err)
	}
	for _, first := range []float64{0, 3, 5000} {
		for _, connections := range []int{1, 7} {
			p := &pace{start: 12345, end: 12345 + int64(total(stages)), rate: first, stages: stages, connections: connections}
			for id := range connections {
				for now := p.start - second; now < p.end+second; now += 17 * ms {
					n := p.due(id, now)
					if n > 0 && p.at(id, n-1) > min(now, p.end-1) || p.at(id, n) <= min(now, p.end-1) {
						t.Fatalf("first %v, connection %d of %d: %d are due at %d", first, id, connections, n, now)
					}
				}
			}
		}
	}
}

func TestARunGoesThroughItsStages(t *testing.T) {
	t.Parallel()
	u := listen(t, nil, liar{}.serve)
	for _, threads := range []bool{false, true} {
		r := runAgainst(t, u, func(o *Options) {
			o.Connections, o.threads, o.Rate = 3, threads, 1000
			o.Stages = []Stage{{100 * time.Millisecond, 3000}, {50 * time.Millisecond, 3000}, {50 * time.Millisecond, 0}}
			o.Duration, o.Warmup = time.Hour, time.Hour // are not for it
		})
		var counts []int64
		var text bytes.Buffer
		for _, s := range r.Stages {
			counts = append(counts, s.Latency.Count)
		}
		// A message that is due just when a stage ends belongs to either, as rounding has it.
		if sum := r.Latency.Count; r.Failures.Any() || len(counts) != 3 || sum < 424 || sum > 426 || counts[0] < 199 || counts[0] > 201 || counts[1] < 149 || counts[1] > 151 {
			t.Errorf("threads %v: %+v, %v of %d answers; want 200, 150 and 75", threads, r.Failures, counts, r.Latency.Count)
		}
		if err := r.WriteText(&text, 0); err != nil || !strings.Contains(text.String(), "stage 2 ") || !strings.Contains(text.String(), "from 1000 messages/s by 100ms:3000,50ms:3000,50ms:0") {
			t.Errorf("%v: %s", err, text.String())
		}
	}
}
