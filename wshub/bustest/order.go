package bustest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
)

// records: what is published arrives with all its parts, on all nodes, the
// publisher's too.
func records(t *testing.T, b Broker) {
	here, there := b.open(t), b.open(t)
	name := topic()
	sinks := []*collector{b.collect(t, here, name), b.collect(t, there, name)}
	var all []wshub.Record
	for _, op := range []ws.OpCode{ws.OpText, ws.OpBinary} {
		for _, data := range []string{"", "x", "\x00\r\n\xff", strings.Repeat("long ", 20_000)} {
			for _, key := range []string{"", "k", strings.Repeat("key.*> é", 10)} {
				all = append(all, wshub.Record{Op: op, Data: []byte(data), Key: key, Origin: uint64(len(all)) << 60})
			}
		}
	}
	var at []wshub.Position
	for _, r := range all {
		p, err := here.Publish(b.context(t), name, r)
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, p)
	}
	for _, c := range sinks {
		events := c.await("all records", func(events []wshub.BusEvent) bool { return len(events) >= len(all) })
		for i, want := range all {
			got := events[i]
			if got.Gap || got.Op != want.Op || !bytes.Equal(got.Data, want.Data) || got.Key != want.Key || got.Origin != want.Origin {
				t.Fatalf("record %d is %.80v, want %.80v", i, got, want)
			}
			if got.Position != at[i] {
				t.Errorf("record %d has the position %v, Publish returned %v", i, got.Position, at[i])
			}
			if age := time.Since(got.Time); age < -time.Hour || age > time.Hour {
				t.Errorf("record %d is of %v", i, got.Time)
			}
		}
	}
	if _, err := here.Publish(b.context(t), name, wshub.Record{Op: ws.OpPing}); err == nil {
		t.Error("a ping was published")
	}
}

// topics: each subscription gets its topic, of several with names that are alike.
func topics(t *testing.T, b Broker) {
	here, there := b.open(t), b.open(t)
	base := topic()
	names := []string{base, base + ".", base + ".a", base + ".*", base + ".>", base + " a", strings.ToUpper(base), base + strings.Repeat("x", 128-len(base))}
	var sinks []*collector
	for _, name := range names {
		sinks = append(sinks, b.collect(t, there, name))
	}
	twice := b.collect(t, there, names[0])
	for round := range 3 {
		for i, name := range names {
			b.publish(t, here, name, fmt.Sprint(i, " ", round))
		}
	}
	for i, c := range append(sinks, twice) {
		i %= len(names)
		c.want([]string{fmt.Sprint(i, " ", 0), fmt.Sprint(i, " ", 1), fmt.Sprint(i, " ", 2)})
	}
}

// wrongTopics: an empty topic, and one that is too long, are refused by all methods.
func wrongTopics(t *testing.T, b Broker) {
	bus := b.open(t)
	for _, name := range []string{"", strings.Repeat("x", 129)} {
		_, published := bus.Publish(b.context(t), name, text("lost"))
		_, _, subscribed := bus.Subscribe(b.context(t), name, func(wshub.BusEvent) {})
		_, replayed := bus.History(b.context(t), name, wshub.Start{})
		for call, err := range map[string]error{"Publish": published, "Subscribe": subscribed, "History": replayed} {
			if wrong, ok := errors.AsType[*wshub.TopicError](err); !ok || wrong.Topic != name {
				t.Errorf("%s to a topic of %d bytes: %v", call, len(name), err)
			}
		}
	}
}

// order: several publish on several nodes. With positions, all sinks get the same
// order; in any case that of each publisher.
func order(t *testing.T, b Broker) {
	nodes := []wshub.Bus{b.open(t), b.open(t), b.open(t)}
	name := topic()
	var sinks []*collector
	for _, bus := range nodes {
		sinks = append(sinks, b.collect(t, bus, name))
	}
	const publishers, each = 6, 50
	var wg sync.WaitGroup
	for p := range publishers {
		wg.Go(func() {
			for i := range each {
				if _, err := nodes[p%len(nodes)].Publish(b.context(t), name, text(fmt.Sprint(p, " ", i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	var first []string
	for n, c := range sinks {
		got := textsIn(c.await("all records", func(events []wshub.BusEvent) bool { return len(events) >= publishers*each }))
		if n == 0 {
			first = got
		}
		if b.Positions && !slices.Equal(got, first) {
			t.Errorf("node %d has another order than the first one", n)
		}
		var next [publishers]int
		for _, s := range got {
			var p, i int
			if fmt.Sscan(s, &p, &i); i != next[p] {
				t.Fatalf("node %d: message %d of publisher %d comes when %d is next", n, i, p, next[p])
			}
			next[p]++
		}
	}
}

// beginning: a subscription gets everything after its position, and nothing else.
func beginning(t *testing.T, b Broker) {
	here, there := b.open(t), b.open(t)
	name := topic()
	before := b.several(t, here, name, numbers(0, 3))
	c := b.collect(t, there, name)
	if last := before[2]; b.Positions && (c.at.Epoch != last.Epoch || c.at.Offset < last.Offset) {
		t.Errorf("a subscription after %v begins at %v", last, c.at)
	}
	after := b.several(t, here, name, numbers(3, 6))
	if first := after[0]; b.Positions && first.Offset <= c.at.Offset {
		t.Errorf("a subscription at %v is not before %v", c.at, first)
	}
	if b.Positions {
		c.want(numbers(3, 6))
	} else { // what has been published before may still arrive
		c.last("5")
	}
}
