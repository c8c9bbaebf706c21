package bustest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/wshub"
)

// collector is a sink that keeps what it gets, and complains of what no sink may get.
type collector struct {
	t      testing.TB
	broker Broker
	at     wshub.Position // of the subscription
	cancel func()

	mu     sync.Mutex
	more   sync.Cond
	events []wshub.BusEvent
	inside bool
	also   func(wshub.BusEvent) // called without a lock
}

// collect subscribes to a topic for the time of the test.
func (b Broker) collect(t testing.TB, bus wshub.Bus, topic string) *collector {
	t.Helper()
	c := b.collector(t)
	c.subscribe(bus, topic)
	return c
}

func (b Broker) collector(t testing.TB) *collector {
	c := &collector{t: t, broker: b}
	c.more.L = &c.mu
	return c
}

func (c *collector) subscribe(bus wshub.Bus, topic string) {
	c.t.Helper()
	at, cancel, err := bus.Subscribe(c.broker.context(c.t), topic, c.sink)
	if err != nil {
		c.t.Fatalf("Subscribe: %v", err)
	}
	if at.IsZero() == c.broker.Positions {
		c.t.Fatalf("Subscribe returned the position %q, on a bus that gives some: %v", at, c.broker.Positions)
	}
	c.at, c.cancel = at, cancel
	c.t.Cleanup(cancel)
}

func (c *collector) sink(e wshub.BusEvent) {
	c.mu.Lock()
	if c.inside {
		c.t.Error("a sink was called while it was called")
	}
	c.inside = true
	c.check(e)
	c.events = append(c.events, e)
	c.more.Broadcast()
	c.mu.Unlock()
	if c.also != nil {
		c.also(e)
	}
	c.mu.Lock()
	c.inside = false
	c.mu.Unlock()
}

// check checks what can be seen by an event and the one before it.
func (c *collector) check(e wshub.BusEvent) {
	if e.Position.IsZero() == c.broker.Positions {
		c.t.Errorf("a sink got %q at the position %q, on a bus that gives some: %v", e.Data, e.Position, c.broker.Positions)
	}
	if e.Gap || len(c.events) == 0 || !c.broker.Positions {
		return
	}
	last := c.events[len(c.events)-1].Position
	if e.Position.Epoch != last.Epoch {
		c.t.Errorf("a sink got %q at %v after %v: another epoch without a gap", e.Data, e.Position, last)
	} else if e.Position.Offset <= last.Offset {
		c.t.Errorf("a sink got %q at offset %d after %d", e.Data, e.Position.Offset, last.Offset)
	}
}

// await returns the first events of which a function says that they are all.
func (c *collector) await(what string, all func(events []wshub.BusEvent) bool) []wshub.BusEvent {
	c.t.Helper()
	late := false
	timer := time.AfterFunc(c.broker.Patience, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		late = true
		c.more.Broadcast()
	})
	defer timer.Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for !all(c.events) {
		if late {
			c.t.Fatalf("a sink did not get %s in %v, but %.200q", what, c.broker.Patience, textsIn(c.events))
		}
		c.more.Wait()
	}
	return slices.Clone(c.events)
}

// want waits for texts, which have to be all that there are so far, without a gap.
func (c *collector) want(texts []string) []wshub.BusEvent {
	c.t.Helper()
	events := c.await("all texts", func(events []wshub.BusEvent) bool { return len(events) >= len(texts) })
	if got := textsIn(events); !slices.Equal(got, texts) {
		c.t.Fatalf("a sink got %.200q, want %.200q", got, texts)
	}
	return events
}

// last waits for a text.
func (c *collector) last(s string) []wshub.BusEvent {
	c.t.Helper()
	return c.await(s, func(events []wshub.BusEvent) bool {
		return len(events) > 0 && string(events[len(events)-1].Data) == s
	})
}

// all returns what there is so far.
func (c *collector) all() []wshub.BusEvent {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.events)
}

// gap is what textsIn returns for a gap.
const gap = "(gap)"

func textsIn(events []wshub.BusEvent) []string {
	var texts []string
	for _, e := range events {
		if e.Gap {
			texts = append(texts, gap)
		} else {
			texts = append(texts, string(e.Data))
		}
	}
	return texts
}
