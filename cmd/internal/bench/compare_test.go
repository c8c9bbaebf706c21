package bench

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/wirews/wirews/cmd/internal/exit"
)

// runs returns results whose p99 are these milliseconds.
func runs(p99 ...int64) (all []*Result) {
	for _, ms := range p99 {
		r := &Result{About: About{Setup: Setup{URL: "ws://x/", Mode: Echo, Connections: 1, Size: 128, Kind: "binary"}}, Rates: Rates{PerSecond: 1000}}
		r.Latency = Latency{Count: 10, P50: 1e6, P90: 1e6, P99: ms * 1e6, P999: 1e9, Max: 1e9, Mean: 1e6}
		all = append(all, r)
	}
	return all
}

func TestComparedRunsAreTheirMediansSpreadAndWhatChanceExplains(t *testing.T) {
	before := runs(10, 11, 10, 12, 11, 10)
	for _, c := range []struct {
		name  string
		after []*Result
		worst float64
		want  exit.Status
		words []string
	}{
		{"slower", runs(20, 21, 22, 20, 21, 23), 5, exit.Unfit, []string{"p99", "10.5ms ±10%", "21ms ±7%", "+100.00%", "p=0.00"}},
		{"slower, and allowed", runs(20, 21, 22, 20, 21, 23), 0, exit.OK, []string{"+100.00%"}},
		{"faster", runs(2, 2, 2, 2, 2, 2), 5, exit.OK, []string{"-80.95%"}},
		{"the same", before, 5, exit.OK, []string{"~"}},
		{"too few", runs(100), 5, exit.OK, []string{"four runs"}},
	} {
		var out strings.Builder
		err := Compare(&out, before, c.after, c.worst)
		if got := exit.Of(err); got != c.want || err != nil && !strings.Contains(err.Error(), `["p99"]`) {
			t.Errorf("%s: status %d, %v; want %d", c.name, got, err, c.want)
		}
		for _, word := range c.words {
			if !strings.Contains(out.String(), word) {
				t.Errorf("%s: %q is not in\n%s", c.name, word, out.String())
			}
		}
	}
}

func TestResultsAreReadOneAfterTheOther(t *testing.T) {
	var file bytes.Buffer
	for _, r := range runs(1, 2, 3) {
		json.NewEncoder(&file).Encode(r)
	}
	if all, err := ReadResults(&file); err != nil || len(all) != 3 || all[2].Latency.P99 != 3e6 {
		t.Errorf("%d results, error %v", len(all), err)
	}
	for _, other := range []string{"", "{}", "[1]", `{"setup":`} {
		if _, err := ReadResults(strings.NewReader(other)); err == nil {
			t.Errorf("%q: no error", other)
		}
	}
}

func TestThresholdsAreKeptOrMissed(t *testing.T) {
	r := runs(10)[0]
	for _, c := range []struct {
		text, missed string
	}{
		{"p99<11ms", ""},
		{"p99 < 10ms", "p99 < 10ms (it is 10ms)"},
		{"rate>999.5", ""},
		{"rate>1k", "?"},
		{"rate>1000", "rate>1000 (it is 1000/s)"},
		{"failures<1", ""},
		{"cpu<1us", "cpu<1us (it is not measured)"},
		{"p98<1ms", "?"},
		{"p99=1ms", "?"},
	} {
		threshold, err := ParseThreshold(c.text)
		if (err != nil) != (c.missed == "?") {
			t.Errorf("%s: error %v", c.text, err)
		}
		if err != nil {
			continue
		}
		err = r.Missed([]Threshold{threshold})
		if c.missed == "" && err != nil || c.missed != "" && (exit.Of(err) != exit.Unfit || !strings.Contains(err.Error(), c.missed)) {
			t.Errorf("%s: %v, want %q", c.text, err, c.missed)
		}
	}
}

func TestTheHistogramHasEachAnswerInOneBar(t *testing.T) {
	h := newHistogram()
	for _, d := range []time.Duration{900 * time.Nanosecond, time.Microsecond, 3 * time.Microsecond, 3 * time.Microsecond, 90 * time.Millisecond} {
		record(h, int64(d))
	}
	bars := barsOf(h)
	total := int64(0)
	for _, b := range bars {
		total += b.Count
	}
	if first, last := bars[0], bars[len(bars)-1]; total != 5 || first != (Bar{1e3, 2}) || bars[2] != (Bar{5e3, 2}) || last != (Bar{1e8, 1}) {
		t.Errorf("%+v", bars)
	}
	r := &Result{Course: Course{Histogram: bars}, Latency: latencyOf(h)}
	for _, columns := range []int{0, 40, 200} {
		var out strings.Builder
		r.writeBars(&out, columns)
		if first, _, _ := strings.Cut(out.String(), "\n"); !strings.HasPrefix(first, "  <= 1µs     40.000 % ####") || columns >= 40 && utf8.RuneCountInString(first) > columns {
			t.Errorf("%d columns: %q", columns, first)
		}
	}
	if barsOf(newHistogram()) != nil {
		t.Error("bars without an answer")
	}
}

func TestARunWithoutAnAnswerIsNoReasonToCompareNothing(t *testing.T) {
	after := runs(1000, 1000, 1000, 1000, 1000)
	after = append(after, &Result{About: About{Setup: after[0].Setup}})
	var out strings.Builder
	if err := Compare(&out, runs(1, 1, 1, 1, 1, 1), after, 5); exit.Of(err) != exit.Unfit || !strings.Contains(err.Error(), "p99") {
		t.Errorf("%v\n%s", err, out.String())
	}
}
