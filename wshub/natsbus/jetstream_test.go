package natsbus_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wshub/natsbus"
)

func publish(t testing.TB, b wshub.Bus, topic, text string) wshub.Position {
	t.Helper()
	at, err := b.Publish(t.Context(), topic, wshub.Record{Op: ws.OpText, Data: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// A sink that does not get on makes its node late. What JetStream drops meanwhile is a
// gap, and what it keeps comes in order; a topic of which nothing was dropped has none.
func TestANodeThatIsTooLateForJetStreamHasAGap(t *testing.T) {
	b := startBroker(t, t.TempDir())
	open := func() *natsbus.JetStream {
		bus, err := natsbus.OpenJetStream(t.Context(), b.url(), natsbus.Options{Shards: 1}, natsbus.Keep{Messages: 1, Memory: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { bus.Close() })
		return bus
	}
	slow, publisher := open(), open()
	goOn, done := make(chan struct{}), make(chan struct{})
	var once sync.Once
	next, gaps := 0, 0
	const n = 2000
	slow.Subscribe(t.Context(), "busy", func(e wshub.BusEvent) {
		once.Do(func() { <-goOn })
		if e.Gap {
			gaps++
			next = -1
			return
		}
		var i int
		fmt.Sscan(string(e.Data), &i)
		if next >= 0 && i != next {
			t.Errorf("message %d comes when %d is next, without a gap", i, next)
		}
		if next = i + 1; next == n {
			close(done)
		}
	})
	quiet := make(chan wshub.BusEvent, 10)
	slow.Subscribe(t.Context(), "quiet", func(e wshub.BusEvent) { quiet <- e })
	for i := range n - 1 {
		publish(t, publisher, "busy", fmt.Sprint(i))
	}
	publish(t, publisher, "quiet", "shh")
	close(goOn)
	if e := <-quiet; e.Gap || string(e.Data) != "shh" {
		t.Errorf("the quiet topic got %+v", e)
	}
	publish(t, publisher, "busy", fmt.Sprint(n-1))
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("the last message does not come")
	}
	if gaps == 0 {
		t.Error("nothing was dropped: the test shows nothing")
	}
}

// What is older than Age is gone, and a position from before that is a gap.
func TestWhatIsTooOldForJetStreamIsAGap(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: messages take two seconds to get too old")
	}
	b := startBroker(t, t.TempDir())
	bus, err := natsbus.OpenJetStream(t.Context(), b.url(), natsbus.Options{Shards: 1}, natsbus.Keep{Age: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	first := publish(t, bus, "t", "1")
	publish(t, bus, "t", "2")
	wstest.Until(t, "the messages are too old", func() bool {
		r, err := bus.History(t.Context(), "t", wshub.Start{After: first})
		if err != nil || !r.Gap && len(r.Entries) != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		return r.Gap
	})
	wstest.Until(t, "one is not", func() bool { // at once, unless the machine stands still for a second
		last := publish(t, bus, "t", "3")
		r, err := bus.History(t.Context(), "t", wshub.Start{After: first, Last: 5})
		if err != nil || !r.Gap || r.At != last || len(r.Entries) > 0 && r.Entries[len(r.Entries)-1].Position != last {
			t.Fatalf("%+v, %v", r, err)
		}
		return len(r.Entries) == 1
	})
}
