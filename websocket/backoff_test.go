package websocket

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
)

func TestABackoffDoublesUpToItsBound(t *testing.T) {
	const ms = time.Millisecond
	for _, tc := range []struct {
		first, longest time.Duration
		random         float64
		want           []time.Duration
	}{
		{100 * ms, time.Second, 0, []time.Duration{0, 0, 0}},
		{100 * ms, time.Second, 0.5, []time.Duration{50 * ms, 100 * ms, 200 * ms, 400 * ms, 500 * ms, 500 * ms}},
		{100 * ms, 800 * ms, 0.5, []time.Duration{50 * ms, 100 * ms, 200 * ms, 400 * ms, 400 * ms}},
		{time.Second, time.Second, 0.25, []time.Duration{250 * ms, 250 * ms}},
		{time.Hour, time.Second, 0.25, []time.Duration{250 * ms, 250 * ms}},
		{1, 3, 0.999, []time.Duration{0, 1, 2, 2}},
	} {
		b := backoff{first: tc.first, longest: tc.longest}
		for turn := range 2 { // the second one after a reset
			for i, want := range tc.want {
				if got := b.fail(tc.random, advice{}); got != want {
					t.Errorf("%v up to %v, turn %d, failure %d: %v, want %v", tc.first, tc.longest, turn, i+1, got, want)
				}
			}
			b.reset()
		}
	}
}

// However often it fails, nothing overflows.
func TestABackoffStaysWithinItsBound(t *testing.T) {
	for _, longest := range []time.Duration{1, time.Minute, 1<<63 - 1} {
		b := backoff{first: 1, longest: longest}
		for range 10_000 {
			if wait := b.fail(0.5, advice{}); wait < 0 || wait > longest {
				t.Fatalf("%v, at most %v", wait, longest)
			}
		}
	}
}

// What a server asks for is waited for before anything is left to chance.
func TestAdviceIsTheLeast(t *testing.T) {
	for _, tc := range []struct {
		failures int
		advice   advice
		least    time.Duration
		span     time.Duration
	}{
		{0, advice{}, 0, time.Second},
		{0, advice{least: 2 * time.Minute}, 2 * time.Minute, time.Second},
		{3, advice{least: 2 * time.Minute}, 2 * time.Minute, 8 * time.Second},
		{0, advice{5 * time.Second, 25 * time.Second}, 5 * time.Second, 25 * time.Second},
		{9, advice{5 * time.Second, 25 * time.Second}, 5 * time.Second, time.Minute},
	} {
		for _, random := range []float64{0, 0.5, 0.75} {
			b := backoff{first: time.Second, longest: time.Minute, failures: tc.failures}
			want := tc.least + time.Duration(random*float64(tc.span))
			if got := b.fail(random, tc.advice); got != want {
				t.Errorf("%d failures, %+v, %v: %v, want %v", tc.failures, tc.advice, random, got, want)
			}
		}
	}
}

func TestWhatAServerAdvises(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	refusal := func(status int, fields ...string) error {
		e := &ws.ResponseError{Status: status}
		for i := 0; i < len(fields); i += 2 {
			e.Header = append(e.Header, httpx.Field{Name: []byte(fields[i]), Value: []byte(fields[i+1])})
		}
		return fmt.Errorf("dial: %w", e)
	}
	closed := func(code StatusCode) error { return fmt.Errorf("read: %w", CloseError{Code: code}) }
	for _, tc := range []struct {
		err     error
		longest time.Duration
		want    advice
	}{
		{errors.New("refused"), time.Minute, advice{}},
		{refusal(503), time.Minute, advice{}},
		{refusal(503, "Retry-After", "7"), time.Minute, advice{least: 7 * time.Second}},
		{refusal(429, "retry-after", "007"), time.Minute, advice{least: 7 * time.Second}},
		{refusal(503, "Retry-After", "0"), time.Minute, advice{}},
		{refusal(503, "Retry-After", "3600"), time.Minute, advice{least: time.Hour}},
		{refusal(503, "Retry-After", "99999999999999999999999999"), time.Minute, advice{least: time.Hour}},
		{refusal(503, "Retry-After", ""), time.Minute, advice{}},
		{refusal(503, "Retry-After", "-7"), time.Minute, advice{}},
		{refusal(503, "Retry-After", "7.5"), time.Minute, advice{}},
		{refusal(503, "Retry-After", "soon"), time.Minute, advice{}},
		{refusal(503, "Retry-After", "Sun, 29 Nov 2026 12:01:30 GMT"), time.Minute, advice{least: 90 * time.Second}},
		{refusal(503, "Retry-After", "Sunday, 29-Nov-26 12:01:30 GMT"), time.Minute, advice{least: 90 * time.Second}},
		{refusal(503, "Retry-After", "Sun Nov 29 12:01:30 2026"), time.Minute, advice{least: 90 * time.Second}},
		{refusal(503, "Retry-After", "Sun, 29 Nov 2026 11:00:00 GMT"), time.Minute, advice{}},
		{refusal(503, "Retry-After", "Sat, 29 Nov 2036 12:00:00 GMT"), time.Minute, advice{least: time.Hour}},
		{refusal(503, "Retry-After", "Sun, 29 Nov 2026 09:00:20 GMT", "Date", "Sun, 29 Nov 2026 09:00:00 GMT"), time.Minute, advice{least: 20 * time.Second}},
		{refusal(503, "Retry-After", "Sun, 29 Nov 2026 12:00:20 GMT", "Date", "now"), time.Minute, advice{least: 20 * time.Second}},
		{closed(StatusNormalClosure), time.Minute, advice{}},
		{closed(StatusGoingAway), time.Minute, advice{}},
		{closed(StatusServiceRestart), time.Minute, advice{5 * time.Second, 25 * time.Second}},
		{closed(StatusServiceRestart), 6 * time.Second, advice{time.Second, 5 * time.Second}},
		{closed(StatusTryAgainLater), time.Minute, advice{30 * time.Second, 30 * time.Second}},
		{closed(StatusTryAgainLater), 3, advice{1, 2}},
	} {
		if got := adviceOf(tc.err, tc.longest, now); got != tc.want {
			t.Errorf("%v: %+v, want %+v", tc.err, got, tc.want)
		}
	}
}

// However long a client may wait, a wait is never less than what the server asks for.
func TestABackoffDoesNotOverflow(t *testing.T) {
	const most = math.MaxInt64
	for _, a := range []advice{{}, {least: time.Hour}, {most / 2, most - most/2}} {
		for _, random := range []float64{0, 0.5, 0.9, 1 - 1e-16} {
			b := backoff{first: most, longest: most}
			if wait := b.fail(random, a); wait < a.least {
				t.Errorf("%v after %v: %v", a, random, wait)
			}
		}
	}
}
