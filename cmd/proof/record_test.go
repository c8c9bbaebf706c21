//go:build !nobus && unix

package main

import (
	"strings"
	"testing"

	"github.com/wirews/wirews/wshub"
)

func at(epoch, offset uint64) wshub.Position { return wshub.Position{Epoch: epoch, Offset: offset} }

func hello(p wshub.Position, gap bool) happening {
	return happening{Event: "welcome", At: p, Gap: gap}
}

func text(words string, p, prev wshub.Position) happening {
	return happening{Event: "message", Text: words, At: p, Prev: prev}
}

// TestTheRecordShowsWhatIsWrong: of two clients, the other one has had everything.
func TestTheRecordShowsWhatIsWrong(t *testing.T) {
	all := []happening{hello(at(1, 0), false), text("a-1", at(1, 1), at(1, 0)), text("b-1", at(1, 3), at(1, 1)), text("a-2", at(1, 4), at(1, 3)), text("a-3", at(1, 7), at(1, 4))}
	acked := map[string][]said{"a": {{"a-1", at(1, 1)}, {"a-2", at(1, 4)}, {"a-3", at(1, 7)}}}
	for name, c := range map[string]struct {
		told []happening
		want string // empty: nothing is wrong
	}{
		"everything":              {all, ""},
		"it comes later":          {[]happening{hello(at(1, 3), false), all[3], all[4]}, ""},
		"it goes earlier":         {all[:3], ""},
		"a gap":                   {[]happening{all[0], all[1], {Event: "gap", At: at(1, 4)}, all[4]}, ""},
		"a gap in the welcome":    {[]happening{all[0], all[1], hello(at(1, 4), true), all[4]}, ""},
		"it sees a hole itself":   {[]happening{all[0], all[1], all[3], text("a-3", at(1, 7), at(1, 4))}, ""},
		"it resumes":              {append(all[:3:3], hello(at(1, 3), false), all[3], all[4]), ""},
		"another epoch":           {[]happening{all[0], all[1], hello(at(2, 5), true)}, ""},
		"a hole":                  {[]happening{all[0], all[1], text("a-2", at(1, 4), at(1, 1)), all[4]}, "a hole without a gap: \"b-1\""},
		"a hole in a resumption":  {[]happening{all[0], all[1], hello(at(1, 1), false), text("a-3", at(1, 7), at(1, 1))}, "a hole without a gap: \"a-2\""},
		"twice":                   {append(all[:3:3], text("b-1", at(1, 4), at(1, 3))), "came twice"},
		"offsets do not grow":     {append(all[:3:3], text("x", at(1, 2), at(1, 1))), "after " + at(1, 3).String()},
		"another epoch, no gap":   {append(all[:3:3], text("x", at(2, 9), at(2, 8))), "after " + at(1, 3).String()},
		"another place":           {append(all[:3:3], hello(at(1, 2), false)), "was at"},
		"another order":           {[]happening{all[0], text("a-2", at(1, 1), at(1, 0)), text("a-1", at(1, 2), at(1, 1))}, "of a is number"},
		"two at one position":     {append(all[:1:1], text("x", at(1, 1), at(1, 0))), "there are"},
		"a gap that is too small": {[]happening{all[0], all[1], {Event: "gap", At: at(1, 2)}, text("a-3", at(1, 7), at(1, 2))}, "a hole without a gap: \"b-1\""},
	} {
		full, other := newRecord("full"), newRecord("other")
		for _, h := range all {
			full.take(h)
		}
		for _, h := range c.told {
			other.take(h)
		}
		faults := strings.Join(verify([]*record{full, other}, acked), "\n")
		if c.want == "" && faults != "" || !strings.Contains(faults, c.want) {
			t.Errorf("%s: %q, want %q", name, faults, c.want)
		}
	}
}

// TestWhatWasAcknowledgedIsMissed: nobody has had it.
func TestWhatWasAcknowledgedIsMissed(t *testing.T) {
	r := newRecord("client")
	for _, h := range []happening{hello(at(1, 0), false), text("a-1", at(1, 1), at(1, 0)), text("a-3", at(1, 3), at(1, 1))} {
		r.take(h)
	}
	numbered := map[string][]said{"a": {{"a-1", at(1, 1)}, {"a-2", at(1, 2)}, {"a-3", at(1, 3)}}}
	plain := map[string][]said{"a": {{text: "a-1"}, {text: "a-2"}, {text: "a-3"}}}
	for _, acked := range []map[string][]said{numbered, plain} {
		if faults := verify([]*record{r}, acked); len(faults) == 0 {
			t.Errorf("nothing is wrong with %+v", acked)
		}
	}
	backwards := map[string][]said{"a": {{"a-3", at(1, 3)}, {"a-1", at(1, 1)}}}
	if faults := strings.Join(verify([]*record{r}, backwards), "\n"); !strings.Contains(faults, "was acknowledged at") {
		t.Errorf("%q, want an order of acknowledgements that cannot be", faults)
	}
}
