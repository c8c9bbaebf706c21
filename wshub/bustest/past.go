package bustest

import (
	"slices"
	"testing"

	"github.com/wirews/wirews/wshub"
)

// few is how many messages the tests publish that look at what is kept.
func (b Broker) few() int { return min(10, b.AtLeast) }

// replays: from each position, the replay is what has been published since.
func replays(t *testing.T, b Broker) {
	here, there := b.open(t), b.open(t)
	name := topic()
	empty := b.history(t, there, name, wshub.Start{Last: 5})
	if len(empty.Entries) > 0 || empty.Gap || empty.At.IsZero() == b.Positions || empty.From != empty.At {
		t.Fatalf("the history of a new topic is %+v", empty)
	}
	texts := numbers(0, b.few())
	at := b.several(t, here, name, texts)
	if b.Positions {
		at = append([]wshub.Position{empty.At}, at...)
	} else {
		at = []wshub.Position{{Epoch: 1, Offset: 1}} // any will do
	}
	for i, p := range at {
		r := b.history(t, there, name, wshub.Start{After: p, Last: 1})
		if b.AtLeast == 0 {
			if b.Positions && i == len(at)-1 {
				continue // nothing has followed: a bus without history may know that
			}
			if !r.Gap || len(r.Entries) > 0 {
				t.Errorf("a bus without history returns %+v after %v", r, p)
			}
			continue
		}
		if got := textsOf(r.Entries); r.Gap || !slices.Equal(got, texts[i:]) || r.From != p {
			t.Errorf("after %v: %q from %v, gap %v, want %q", p, got, r.From, r.Gap, texts[i:])
		}
		checkReplay(t, r)
	}
	for n := range b.few() + 2 {
		r := b.history(t, there, name, wshub.Start{Last: n})
		want := texts[max(0, len(texts)-n):]
		if got := textsOf(r.Entries); r.Gap || !slices.Equal(got, want) {
			t.Errorf("the last %d are %q, gap %v, want %q", n, got, r.Gap, want)
		}
		checkReplay(t, r)
	}
}

// checkReplay checks what can be seen by a replay alone.
func checkReplay(t *testing.T, r wshub.Replay) {
	t.Helper()
	last := r.From
	for _, e := range r.Entries {
		if e.Position.Epoch != last.Epoch || e.Position.Offset <= last.Offset {
			t.Errorf("a replay has %q at %v after %v", e.Data, e.Position, last)
		}
		last = e.Position
	}
	if r.At.Epoch != last.Epoch || r.At.Offset < last.Offset {
		t.Errorf("a replay whose last position is %v is at %v", last, r.At)
	}
}

// foreign: positions that the topic has never had are no error, but a gap.
func foreign(t *testing.T, b Broker) {
	bus := b.open(t)
	name := topic()
	var p wshub.Position
	for _, s := range numbers(0, 3) {
		p = b.publish(t, bus, name, s)
	}
	for what, after := range map[string]wshub.Position{
		"another epoch": {Epoch: p.Epoch + 1, Offset: p.Offset},
		"the future":    {Epoch: p.Epoch, Offset: p.Offset + 1<<40},
	} {
		r := b.history(t, bus, name, wshub.Start{After: after, Last: 2})
		want := numbers(3-min(2, b.AtLeast), 3)
		if got := textsOf(r.Entries); !r.Gap || !slices.Equal(got, want) {
			t.Errorf("%s: %q, gap %v, want a gap and %q", what, got, r.Gap, want)
		}
		checkReplay(t, r)
		r = b.history(t, bus, name, wshub.Start{After: after})
		if !r.Gap || len(r.Entries) > 0 || r.From != r.At {
			t.Errorf("%s, without Last: %+v", what, r)
		}
	}
}

// trimmed: from a position that is no longer kept there is a gap; from the one before
// the oldest that is kept there is none.
func trimmed(t *testing.T, b Broker) {
	if b.Messages == 0 {
		t.Skip("the broker does not keep an exact number of messages")
	}
	here, there := b.open(t), b.open(t)
	name := topic()
	texts := numbers(0, 2*b.Messages+3)
	at := b.several(t, here, name, texts)
	for i, p := range at {
		r := b.history(t, there, name, wshub.Start{After: p, Last: 1})
		want, gap := texts[i+1:], false
		if len(want) > b.Messages {
			want, gap = texts[len(texts)-1:], true
		}
		if got := textsOf(r.Entries); r.Gap != gap || !slices.Equal(got, want) {
			t.Errorf("%d messages ago: %q, gap %v, want %q, %v", len(texts)-1-i, got, r.Gap, want, gap)
		}
		checkReplay(t, r)
	}
	if r := b.history(t, there, name, wshub.Start{Last: len(texts)}); len(r.Entries) != b.Messages {
		t.Errorf("%d messages are kept, want %d", len(r.Entries), b.Messages)
	}
}

// seam: while others publish, what History returns after a Subscribe and what the sink
// gets make one topic together.
func seam(t *testing.T, b Broker) {
	if b.AtLeast == 0 || !b.Positions {
		t.Skip("the broker keeps no messages")
	}
	here, there := b.open(t), b.open(t)
	for round := range 20 {
		name := topic()
		first := b.publish(t, here, name, "0")
		texts := numbers(1, b.few())
		done := make(chan error, 1)
		go func() {
			for _, s := range texts {
				if _, err := here.Publish(b.context(t), name, text(s)); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
		if round%4 == 0 { // all of it is in the history
			done <- <-done
		}
		c := b.collect(t, there, name)
		r := b.history(t, there, name, wshub.Start{After: first})
		if r.At.Offset < c.at.Offset {
			t.Fatalf("the history reaches %v, the subscription before it begins at %v", r.At, c.at)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if end := b.history(t, here, name, wshub.Start{}).At; end.Offset > r.At.Offset {
			c.last(texts[len(texts)-1])
		}
		got := textsOf(r.Entries)
		for _, e := range c.all() {
			if e.Position.Offset > r.At.Offset {
				got = append(got, string(e.Data))
			}
		}
		if r.Gap || !slices.Equal(got, texts) {
			t.Fatalf("together they are %q, gap %v, want %q", got, r.Gap, texts)
		}
	}
}
