// Package bustest tests implementations of [wshub.Bus]: order, positions, history,
// gaps, cancelling, closing, concurrency, and what is left after a failure of the
// broker. The tests of an implementation call [Run].
package bustest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
)

// Broker is how Run gets at the implementation.
type Broker struct {
	// Open returns a bus that works, as another node would have it. Run closes it.
	Open func(t testing.TB) wshub.Bus

	// Positions says that the bus gives positions, and so one order to all nodes. If
	// not, only the order of each publisher is tested.
	Positions bool

	// Messages is how many messages of each topic the broker keeps, exactly; it should be
	// small, such as 20, for the test publishes more. Zero: it keeps none, or the number
	// is not exact: see AtLeast.
	Messages int

	// AtLeast is how many messages are kept at least where they are dropped in batches.
	// Zero: Messages.
	AtLeast int

	// Interrupt cuts the connections of all buses to the broker, or ends the broker, and
	// returns a function that undoes that, with what was acknowledged still there. nil: the
	// bus has nothing that could be cut, and the tests of that are skipped.
	Interrupt func(t testing.TB) (heal func())

	// Forget has the broker lose all that it knows, as one without a disk that starts
	// again. nil: those tests are skipped.
	Forget func(t testing.TB)

	// Patience is how long a test waits for what has to happen. Zero: 20 seconds.
	Patience time.Duration
}

// Run runs all tests, each with topics of its own.
func Run(t *testing.T, b Broker) {
	if b.AtLeast == 0 {
		b.AtLeast = b.Messages
	}
	if b.Patience == 0 {
		b.Patience = 20 * time.Second
	}
	for _, test := range []struct {
		name string
		run  func(*testing.T, Broker)
	}{
		{"records arrive as they are", records},
		{"topics are apart", topics},
		{"a topic that is empty or too long is an error", wrongTopics},
		{"a topic has one order", order},
		{"a subscription begins at its position", beginning},
		{"history", replays},
		{"history of other epochs and of the future is a gap", foreign},
		{"what is not kept is a gap", trimmed},
		{"history and subscription leave no hole", seam},
		{"a cancelled subscription is over", cancelling},
		{"a sink publishes and cancels", reentrant},
		{"a closed bus is over", closing},
		{"an ended context ends a call", contexts},
		{"everything at once", everything},
		{"an interruption holds up no call for ever", bounded},
		{"an interruption leaves no hole without a gap", interruption},
		{"what a broker has forgotten is a gap", forgetting},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, b) })
	}
}

// open opens a bus for the time of the test.
func (b Broker) open(t testing.TB) wshub.Bus {
	t.Helper()
	bus := b.Open(t)
	t.Cleanup(func() {
		if err := bus.Close(); err != nil {
			t.Errorf("Close returned %v", err)
		}
	})
	return bus
}

// context returns a context for what has to happen.
func (b Broker) context(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), b.Patience)
	t.Cleanup(cancel)
	return ctx
}

var topicCount atomic.Int64

// topic returns the name of a topic that nobody has had, with what brokers have a
// meaning for.
func topic() string {
	return fmt.Sprintf("bustest %x/%d.*.> {é}\r\n%%", time.Now().UnixNano(), topicCount.Add(1))
}

func text(s string) wshub.Record { return wshub.Record{Op: ws.OpText, Data: []byte(s)} }

// publish publishes a text, which must succeed.
func (b Broker) publish(t testing.TB, bus wshub.Bus, topic, s string) wshub.Position {
	t.Helper()
	p, err := bus.Publish(b.context(t), topic, text(s))
	if err != nil {
		t.Fatalf("Publish of %q: %v", s, err)
	}
	if p.IsZero() == b.Positions {
		t.Fatalf("Publish of %q returned the position %q, on a bus that gives some: %v", s, p, b.Positions)
	}
	return p
}

// several publishes texts, and returns their positions.
func (b Broker) several(t testing.TB, bus wshub.Bus, topic string, texts []string) (at []wshub.Position) {
	t.Helper()
	for _, s := range texts {
		at = append(at, b.publish(t, bus, topic, s))
	}
	return at
}

// numbers returns the texts from to to-1.
func numbers(from, to int) (texts []string) {
	for i := from; i < to; i++ {
		texts = append(texts, fmt.Sprint(i))
	}
	return texts
}

func (b Broker) history(t testing.TB, bus wshub.Bus, topic string, start wshub.Start) wshub.Replay {
	t.Helper()
	r, err := bus.History(b.context(t), topic, start)
	if err != nil {
		t.Fatalf("History of %+v: %v", start, err)
	}
	return r
}

func textsOf(entries []wshub.Entry) []string {
	var texts []string
	for _, e := range entries {
		texts = append(texts, string(e.Data))
	}
	return texts
}
