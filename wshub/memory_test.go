package wshub_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
)

// Whoever comes late gets what it has missed, or learns that it is gone.
func ExampleMemoryBroker() {
	broker := wshub.MemoryBroker{Retain: func(topic string) wshub.Retention { return wshub.Retention{Messages: 2} }}
	bus := broker.Bus()
	defer bus.Close()
	ctx := context.Background()

	var had []wshub.Position
	for _, text := range []string{"one", "two", "three", "four"} {
		p, err := bus.Publish(ctx, "numbers", wshub.Record{Op: ws.OpText, Data: []byte(text)})
		if err != nil {
			panic(err)
		}
		had = append(had, p)
	}
	for _, p := range had {
		r, err := bus.History(ctx, "numbers", wshub.Start{After: p, Last: 1})
		fmt.Print(r.Gap, " ", err, ":")
		for _, e := range r.Entries {
			fmt.Printf(" %s", e.Data)
		}
		fmt.Println()
	}
	// Output:
	// true <nil>: four
	// false <nil>: three four
	// false <nil>: four
	// false <nil>:
}

// Whatever the bounds are, what is kept is as a plain list of all that was published
// says.
func TestWhatIsKeptIsWhatTheBoundsAllow(t *testing.T) {
	for _, keep := range []wshub.Retention{
		{}, {Bytes: 100, Age: time.Hour}, {Messages: 1}, {Messages: 7}, {Messages: 100, Bytes: 60}, {Messages: 100, Age: 50 * time.Millisecond},
		{Messages: 9, Bytes: 80, Age: 80 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) { keepsWhatItShould(t, keep) })
	}
}

func keepsWhatItShould(t *testing.T, keep wshub.Retention) {
	broker := wshub.MemoryBroker{Retain: func(string) wshub.Retention { return keep }}
	bus := broker.Bus()
	r := rand.New(rand.NewPCG(1, 2))
	var all []wshub.Entry
	for i := range 300 {
		record := wshub.Record{Op: ws.OpText, Data: fmt.Appendf(nil, "%0*d", 1+r.IntN(40), i), Key: "key"[:r.IntN(4)]}
		p, err := bus.Publish(t.Context(), "t", record)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, wshub.Entry{Record: record, Position: p, Time: time.Now()})
		time.Sleep(time.Duration(r.IntN(30)) * time.Millisecond)

		first := len(all) // that is kept
		for bytes := 0; first > 0; first-- {
			e := all[first-1]
			bytes += len(e.Data) + len(e.Key)
			if len(all)-first == keep.Messages || keep.Bytes > 0 && bytes > keep.Bytes || keep.Age > 0 && time.Since(e.Time) > keep.Age {
				break
			}
		}
		after := r.IntN(len(all))
		last := r.IntN(3)
		got, err := bus.History(t.Context(), "t", wshub.Start{After: all[after].Position, Last: last})
		want, gap := all[after+1:], false
		if len(want) > len(all)-first {
			want, gap = all[max(first, len(all)-last):], true
		}
		same := slices.EqualFunc(got.Entries, want, func(a, b wshub.Entry) bool { return string(a.Data) == string(b.Data) && a.Position == b.Position })
		if err != nil || got.Gap != gap || !same || got.At != p {
			t.Fatalf("%+v: after %d of %d, of which %d are kept: %d entries, gap %v, %v; want %d, %v", keep, after, i, len(all)-first, len(got.Entries), got.Gap, err, len(want), gap)
		}
	}
}

// Topics that nobody uses and that keep nothing go, whatever their number.
func TestTopicsOfABrokerThatAreOverAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := wshub.MemoryBroker{Retain: func(string) wshub.Retention { return wshub.Retention{Messages: 1, Age: 300 * time.Millisecond} }}
		bus := broker.Bus()
		first, err := bus.Publish(t.Context(), "0", wshub.Record{Op: ws.OpText})
		if err != nil {
			t.Fatal(err)
		}
		_, cancel, _ := bus.Subscribe(t.Context(), "subscribed", func(wshub.BusEvent) {})
		for i := range 3_000 {
			bus.Publish(t.Context(), fmt.Sprint(i), wshub.Record{Op: ws.OpText})
			time.Sleep(time.Millisecond)
		}
		if n := wshub.BrokerTopics(&broker); n < 300 || n > 2*300+128 {
			t.Errorf("%d topics are left of those of which 300 keep a message", n)
		}
		cancel()
		if r, err := bus.History(t.Context(), "0", wshub.Start{After: first}); !r.Gap || len(r.Entries) > 0 || err != nil {
			t.Errorf("a topic that had been forgotten: %+v, %v", r, err)
		}
	})
}

// Publishers that are faster than what they publish can be delivered wait, but never
// for themselves.
func TestASinkThatPublishesALotDoesNotWaitForItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broker wshub.MemoryBroker
		bus := broker.Bus()
		const more = 5000
		var got, published int
		bus.Subscribe(t.Context(), "t", func(e wshub.BusEvent) {
			if got++; got > 1 {
				return
			}
			for range more {
				bus.Publish(t.Context(), "t", wshub.Record{Op: ws.OpText})
				published++
			}
		})
		begun := time.Now()
		bus.Publish(t.Context(), "t", wshub.Record{Op: ws.OpText})
		synctest.Wait()
		if got != 1+more || published != more {
			t.Errorf("the sink got %d records, and has published %d", got, published)
		}
		if took := time.Since(begun); took > 50*time.Millisecond {
			t.Errorf("that took %v", took)
		}
	})
}

func TestABusIsClosedOnceForAll(t *testing.T) {
	var broker wshub.MemoryBroker
	bus := broker.Bus()
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if err := bus.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := bus.Ping(t.Context()); !errors.Is(err, wshub.ErrBusClosed) {
		t.Error(err)
	}
}

func TestARetainOfABrokerThatPanicsHoldsUpNobody(t *testing.T) {
	odd := true
	b := wshub.MemoryBroker{Retain: func(topic string) wshub.Retention {
		if odd {
			panic("odd")
		}
		return wshub.Retention{Messages: 1}
	}}
	bus := b.Bus()
	for _, f := range []func(){
		func() { bus.Publish(t.Context(), "t", wshub.Record{Op: 1}) },
		func() { bus.History(t.Context(), "t", wshub.Start{}) },
	} {
		if panics(f) == nil {
			t.Error("the panic is gone")
		}
	}
	odd = false
	if _, err := bus.Publish(t.Context(), "t", wshub.Record{Op: 1}); err != nil {
		t.Error(err)
	}
}
