package autobahn

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"
)

//go:embed testdata/facts.txt
var facts string

// fact writes a case as testdata/facts.txt has it.
func (c *Case) fact() string {
	end := "close"
	if c.limit.kill {
		end = "kill"
	}
	return strings.Join([]string{
		c.ID, c.factSent(), fmt.Sprintf("%s %dms", end, c.limit.after.Milliseconds()), c.factWanted(), c.closing.fact(),
	}, " | ")
}

func (c *Case) factSent() string {
	if d := c.deflate; d != nil {
		return fmt.Sprintf("compressed %s size=%d fragment=%d offers=%s accepts=%s",
			opcodeNames[c.rounds.opcode], d.size, d.fragment, strings.Join(d.offers, ", "), strings.Join(factPolicies(d.policies), ", "))
	}
	var steps []string
	for _, s := range c.steps {
		steps = append(steps, strings.TrimSpace(s.String()))
	}
	return strings.Join(steps, "; ")
}

func factPolicies(policies []deflatePolicy) (all []string) {
	for _, p := range policies {
		var words []string
		if p.clientBits != 0 {
			words = append(words, fmt.Sprintf("bits=%d", p.clientBits))
		}
		if p.clientNoTakeover {
			words = append(words, "fresh")
		}
		if len(words) == 0 {
			words = []string{"any"}
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}

func (c *Case) factWanted() string {
	switch r := c.rounds; {
	case c.want.informational:
		return "informational"
	case r != nil && c.deflate != nil:
		return fmt.Sprintf("rounds %d", r.n)
	case r != nil:
		return fmt.Sprintf("rounds %d %s %d", r.n, opcodeNames[r.opcode], r.length)
	}
	s := "OK: " + factEvents(c.want.ok)
	if c.want.hasNonStrict {
		s += "; NON-STRICT: " + factEvents(c.want.nonStrict)
	}
	return s
}

func factEvents(events []event) string {
	if len(events) == 0 {
		return "nothing"
	}
	var all []string
	for _, e := range events {
		all = append(all, e.String())
	}
	return strings.TrimSpace(strings.Join(all, ", "))
}

func (r closeRule) fact() string {
	s := fmt.Sprintf("%s %s", r.first, strings.Trim(strings.ReplaceAll(fmt.Sprint(r.codes), " ", ","), "[]"))
	if r.clean {
		s += " clean"
	}
	if r.with != 0 {
		s += fmt.Sprintf(" with=%d", r.with)
	}
	if r.wrongSideFails {
		s += " side"
	}
	if r.wrongCodeFails {
		s += " code"
	}
	return s
}

func TestCasesAreThoseOfTheOriginal(t *testing.T) {
	var want []string
	for line := range strings.Lines(facts) {
		if !strings.HasPrefix(line, "#") {
			want = append(want, strings.TrimSuffix(line, "\n"))
		}
	}
	if len(want) != 517 {
		t.Fatalf("facts have %d cases, want 517", len(want))
	}
	var original []*Case
	for i, c := range Cases() {
		if !c.Ours {
			if i != len(original) {
				t.Fatalf("%s stands behind cases of ours, want the original's first", c.ID)
			}
			original = append(original, c)
		}
	}
	if len(original) != len(want) {
		t.Errorf("there are %d cases of the original, want %d", len(original), len(want))
	}
	for i := range min(len(original), len(want)) {
		if got := original[i].fact(); got != want[i] {
			t.Errorf("case %d:\n got %s\nwant %s", i+1, got, want[i])
		}
	}
}

func TestEveryCaseSaysWhatItIsAbout(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range Cases() {
		if c.Sends == "" || c.Wants == "" || !strings.Contains(c.RFC, "RFC ") {
			t.Errorf("%s: sends %q, wants %q, by %q", c.ID, c.Sends, c.Wants, c.RFC)
		}
		if seen[c.ID] {
			t.Errorf("%s is there twice", c.ID)
		}
		seen[c.ID] = true
		if SectionTitle(c.Section()) == "" {
			t.Errorf("%s: section has no title", c.ID)
		}
		if reason(c.ID) == "" {
			t.Errorf("%s: nothing says why", c.ID)
		}
	}
}

// TestRoundsOfDeflate holds what the rounds of sections 12 and 13 compare, which
// facts.txt does not say: the content, and to the end.
func TestRoundsOfDeflate(t *testing.T) {
	for _, c := range Cases() {
		if d := c.deflate; d != nil && !c.Ours && (!c.rounds.strict || c.rounds.opcode == opText != d.corpus.text || c.limit.kill) {
			t.Errorf("%s: rounds %+v over %s", c.ID, *c.rounds, d.corpus.name)
		}
	}
}
