package bustest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/wirews/wirews/wshub"
)

// cancelling: a subscription that was cancelled gets at most the event that is under
// way; others of the topic go on.
func cancelling(t *testing.T, b Broker) {
	bus := b.open(t)
	name := topic()
	over, other := b.collect(t, bus, name), b.collect(t, bus, name)
	b.publish(t, bus, name, "0")
	over.last("0")
	over.cancel()
	over.cancel()
	for _, s := range numbers(1, 5) {
		b.publish(t, bus, name, s)
	}
	other.want(numbers(0, 5))
	if got := over.all(); len(got) > 2 {
		t.Errorf("after cancel, a sink got %q", textsIn(got))
	}
	again := b.collect(t, bus, name)
	b.publish(t, bus, name, "5")
	again.last("5")
	if got := over.all(); len(got) > 2 {
		t.Errorf("after cancel and another subscription, a sink got %q", textsIn(got))
	}
}

// reentrant: a sink may publish, to its topic too, and cancel its subscription.
func reentrant(t *testing.T, b Broker) {
	bus := b.open(t)
	name := topic()
	c, other := b.collector(t), b.collect(t, bus, name)
	c.also = func(e wshub.BusEvent) {
		switch string(e.Data) {
		case "ping":
			b.publish(t, bus, name, "pong")
		case "pong":
			c.cancel()
			b.publish(t, bus, name, "bye")
		}
	}
	c.subscribe(bus, name)
	b.publish(t, bus, name, "ping")
	other.want([]string{"ping", "pong", "bye"})
	b.publish(t, bus, name, "unheard")
	other.last("unheard")
	for _, e := range c.all() {
		if string(e.Data) == "unheard" {
			t.Error("a sink got what was published after it had cancelled")
		}
	}
}

// closing: a closed bus does nothing any more, and others do.
func closing(t *testing.T, b Broker) {
	closed, other := b.Open(t), b.open(t)
	name := topic()
	silent, goes := b.collect(t, closed, name), b.collect(t, other, name)
	b.publish(t, closed, name, "0")
	silent.want(numbers(0, 1))
	for range 2 {
		if err := closed.Close(); err != nil {
			t.Errorf("Close returned %v", err)
		}
	}
	b.publish(t, other, name, "1")
	goes.want(numbers(0, 2))
	if got := silent.all(); len(got) > 1 {
		t.Errorf("after Close, a sink got %q", textsIn(got))
	}
	silent.cancel()
	ctx := b.context(t)
	_, publish := closed.Publish(ctx, name, text("x"))
	_, _, subscribe := closed.Subscribe(ctx, name, func(wshub.BusEvent) {})
	_, history := closed.History(ctx, name, wshub.Start{})
	for what, err := range map[string]error{"Publish": publish, "Subscribe": subscribe, "History": history, "Ping": closed.Ping(ctx)} {
		if !errors.Is(err, wshub.ErrBusClosed) {
			t.Errorf("%s of a closed bus returned %v", what, err)
		}
	}
}

// contexts: a call whose context has ended returns its error. Ping works meanwhile.
func contexts(t *testing.T, b Broker) {
	bus := b.open(t)
	name := topic()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, publish := bus.Publish(ctx, name, text("x"))
	_, _, subscribe := bus.Subscribe(ctx, name, func(wshub.BusEvent) {})
	_, history := bus.History(ctx, name, wshub.Start{Last: 1})
	for what, err := range map[string]error{"Publish": publish, "Subscribe": subscribe, "History": history, "Ping": bus.Ping(ctx)} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s returned %v", what, err)
		}
	}
	if err := bus.Ping(b.context(t)); err != nil {
		t.Errorf("Ping returned %v", err)
	}
}

// everything: subscriptions come and go, others ask for the past, and one that stays
// gets all.
func everything(t *testing.T, b Broker) {
	here, there := b.open(t), b.open(t)
	name := topic()
	stays := b.collect(t, there, name)
	const publishers, each = 4, 40
	var wg sync.WaitGroup
	for p := range publishers {
		wg.Go(func() {
			for i := range each {
				if _, err := here.Publish(b.context(t), name, text(fmt.Sprint(p, " ", i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, bus := range []wshub.Bus{here, there} {
		wg.Go(func() {
			for range each {
				_, cancel, err := bus.Subscribe(b.context(t), name, func(wshub.BusEvent) {})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := bus.History(b.context(t), name, wshub.Start{Last: 3}); err != nil {
					t.Error(err)
				}
				if err := bus.Ping(b.context(t)); err != nil {
					t.Error(err)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	stays.await("all records", func(events []wshub.BusEvent) bool { return len(events) >= publishers*each })
}
