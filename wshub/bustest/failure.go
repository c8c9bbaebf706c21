package bustest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/wshub"
)

// works waits until a bus works again.
func (b Broker) works(t *testing.T, bus wshub.Bus) {
	t.Helper()
	end := time.Now().Add(b.Patience)
	for {
		err := bus.Ping(b.context(t))
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("after %v, Ping still returns %v", b.Patience, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// interruption: sinks get everything that was acknowledged, or are told of a gap before
// what comes after it. A topic to which nothing is published after that gets its gap,
// too: on a bus without positions there must be one.
func interruption(t *testing.T, b Broker) {
	if b.Interrupt == nil {
		t.Skip("there is nothing that could be interrupted")
	}
	here, there := b.open(t), b.open(t)
	name, quiet := topic(), topic()
	c, q := b.collect(t, there, name), b.collect(t, there, quiet)
	b.publish(t, here, quiet, "0")
	texts := numbers(0, 5)
	b.several(t, here, name, texts)
	c.want(texts)
	q.want(numbers(0, 1))
	heal := b.Interrupt(t)
	acknowledged := b.during(here, name)
	heal()
	b.works(t, here)
	b.works(t, there)
	more := numbers(5, 10)
	at := b.several(t, here, name, more)
	got := slices.DeleteFunc(textsIn(c.last("9"))[len(texts):], func(s string) bool {
		return strings.HasPrefix(s, during) && !slices.Contains(acknowledged, s) // it may be there or not
	})
	follow(t, got, slices.Concat(acknowledged, more))
	if !b.Positions {
		q.await("a gap", func(events []wshub.BusEvent) bool { return slices.ContainsFunc(events, isGap) })
	}
	if b.AtLeast >= len(more) {
		r := b.history(t, there, name, wshub.Start{After: at[0], Last: 1})
		if got := textsOf(r.Entries); !r.Gap && !slices.Equal(got, more[1:]) {
			t.Errorf("after the interruption, the history is %q without a gap, want %q", got, more[1:])
		}
	}
}

// bounded: calls whose contexts have no deadline return while the broker is not there. A
// hub makes such.
func bounded(t *testing.T, b Broker) {
	if b.Interrupt == nil {
		t.Skip("there is nothing that could be interrupted")
	}
	bus := b.open(t)
	name := topic()
	b.publish(t, bus, name, "0")
	calls := map[string]func(context.Context){
		"Publish":   func(ctx context.Context) { bus.Publish(ctx, name, text("1")) },
		"Subscribe": func(ctx context.Context) { bus.Subscribe(ctx, name, func(wshub.BusEvent) {}) },
		"History":   func(ctx context.Context) { bus.History(ctx, name, wshub.Start{Last: 1}) },
		"Ping":      func(ctx context.Context) { bus.Ping(ctx) },
	}
	heal := b.Interrupt(t)
	returned := make(map[string]chan bool)
	for name, call := range calls {
		done := make(chan bool)
		returned[name] = done
		go func() {
			defer close(done)
			call(context.Background())
		}()
	}
	late := time.After(b.Patience)
	for name, done := range returned {
		select {
		case <-done:
		case <-late:
			t.Errorf("%s has not returned after %v", name, b.Patience)
			late = time.After(0) // nor wait for the others
		}
	}
	heal()
	b.works(t, bus)
}

// during begins what is published during an interruption.
const during = "during the interruption "

// during publishes during an interruption, and returns what was acknowledged.
func (b Broker) during(bus wshub.Bus, topic string) (acknowledged []string) {
	for i := range 5 {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		s := fmt.Sprint(during, i)
		if _, err := bus.Publish(ctx, topic, text(s)); err == nil {
			acknowledged = append(acknowledged, s)
		}
		cancel()
	}
	return acknowledged
}

// follow checks that what a sink got is what was published, except what a gap stands
// for.
func follow(t *testing.T, got, published []string) {
	t.Helper()
	first := slices.Index(got, gap)
	if first < 0 {
		if !slices.Equal(got, published) {
			t.Errorf("after the interruption, a sink got %q without a gap, want %q", got, published)
		}
		return
	}
	before, after := got[:first], got[first:]
	for len(after) > 0 && slices.Contains(after, gap) {
		after = after[1:]
	}
	if len(before) > len(published) || !slices.Equal(before, published[:len(before)]) {
		t.Errorf("before the gap, a sink got %q of %q", before, published)
	}
	if len(after) > len(published) || !slices.Equal(after, published[len(published)-len(after):]) {
		t.Errorf("after the gap, a sink got %q of %q", after, published)
	}
}

func isGap(e wshub.BusEvent) bool { return e.Gap }

// forgetting: sinks are told of a gap although nothing is published, and the positions
// of before are a gap for ever.
func forgetting(t *testing.T, b Broker) {
	if b.Forget == nil {
		t.Skip("the broker forgets nothing")
	}
	here, there := b.open(t), b.open(t)
	name := topic()
	c := b.collect(t, there, name)
	var before []wshub.Position
	if before = b.several(t, here, name, numbers(0, 3)); !b.Positions {
		t.Skip("there are no positions that could be forgotten")
	}
	c.want(numbers(0, 3))
	b.Forget(t)
	b.works(t, here)
	b.works(t, there)
	c.await("a gap", func(events []wshub.BusEvent) bool { return slices.ContainsFunc(events, isGap) })
	b.several(t, here, name, numbers(3, 9)) // more than there were before
	c.last("8")
	for i, p := range before {
		if r := b.history(t, there, name, wshub.Start{After: p}); !r.Gap {
			t.Errorf("after message %d of before, the history is %q without a gap", i, textsOf(r.Entries))
		}
	}
}
