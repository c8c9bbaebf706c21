package main

import (
	"strings"
	"testing"
	"time"
)

func TestThePageHasEachVerdictAndWhatWasSeen(t *testing.T) {
	one := func(verdicts ...string) report {
		r := report{Begun: time.Unix(0, 0), Counts: make(map[string]int), Setup: map[string]string{"connections": "20", "duration": "1s", "others": "2s"}}
		for i, v := range verdicts {
			r.Results = append(r.Results, result{Attack: []string{"lengths/a", "lengths/b", "http2/c"}[i], Does: "does | it", Verdict: v, Seen: "seen " + v})
			r.Counts[v]++
		}
		return r
	}
	text := string(page([]*run{
		{server: &server{name: "ours", ours: true, about: "made"}, Version: "this tree", Report: one("resisted", "lenient", "not offered")},
		{server: &server{name: "theirs", about: "bought"}, Version: "v1", Report: one("weak", "untried", "resisted")},
	}))
	for _, want := range []string{
		"| **ours** | this tree | made | 1 | 1 | 0 |\n",
		"| theirs | v1 | bought | 1 | 0 | 1 |\n",
		"| a | does \\| it | ok | **weak** |\n",
		"| b | does \\| it | lenient | ? |\n",
		"### http2\n\n| attack | what is done | theirs |\n|---|---|---|\n| c | does \\| it | ok |\n", // without who has none
		"### ours\n\n- lengths/b, lenient: seen lenient\n",
		"### theirs\n\n- lengths/a, weak: seen weak\n- lengths/b, untried: seen untried\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestStrictFailsForOursOnly(t *testing.T) {
	weak := report{Results: []result{{Attack: "a/b", Verdict: "weak"}}}
	o := options{strict: true}
	if err := o.judge([]*run{{server: &server{name: "theirs"}, Report: weak}}); err != nil {
		t.Errorf("a peer that is weak: %v", err)
	}
	if err := o.judge([]*run{{server: &server{name: "ours", ours: true}, Report: weak}}); err == nil {
		t.Error("one of ours is weak, and there is no error")
	}
}
