package endpoint

import (
	"math"
	"testing"
	"time"
)

func TestABucketFillsOverTime(t *testing.T) {
	const ms = time.Millisecond
	for _, begin := range []time.Duration{0, -26 * 365 * 24 * time.Hour, time.Hour} {
		var b Bucket
		for i, step := range []struct {
			at   time.Duration
			n    float64
			wait time.Duration
			try  bool
		}{
			{0, 1, 0, true},
			{0, 1, 0, true},
			{0, 1, 0, true},
			{0, 1, 100 * ms, true}, // the fourth of three
			{0, 1, 100 * ms, true}, // which has taken nothing
			{60 * ms, 1, 40 * ms, true},
			{100 * ms, 1, 0, true},
			{100 * ms, 2, 200 * ms, false}, // a debt
			{100 * ms, 1, 300 * ms, true},
			{400 * ms, 1, 0, true},
			{10 * time.Second, 4, 100 * ms, true}, // it holds no more than three
			{10 * time.Second, 3, 0, true},
			{10 * time.Second, 0, 0, true},
		} {
			take := b.Take
			if step.try {
				take = b.TryTake
			}
			if wait := take(step.n, 10, 300*ms, begin+step.at); wait != step.wait {
				t.Errorf("from %v, step %d: wait %v, want %v", begin, i, wait, step.wait)
			}
		}
	}
}

func TestABucketCountsWithoutOverflow(t *testing.T) {
	for _, tc := range []struct{ n, rate float64 }{
		{math.MaxInt64, 1}, {math.MaxInt64, math.SmallestNonzeroFloat64}, {1, math.SmallestNonzeroFloat64}, {1e300, 1},
	} {
		var b Bucket
		for _, now := range []time.Duration{-26 * 365 * 24 * time.Hour, 0, time.Hour} {
			if wait := b.Take(tc.n, tc.rate, time.Second, now); wait < 99*365*24*time.Hour {
				t.Errorf("%g at %g a second: wait %v", tc.n, tc.rate, wait)
			}
		}
	}
	var b Bucket
	for range 1000 {
		if wait := b.Take(1, math.Inf(1), 0, 0); wait != 0 {
			t.Fatalf("wait %v at an infinite rate", wait)
		}
	}
}
