package wshub_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/wirews/wirews/wshub"
)

// countingBus counts how often it is asked.
type countingBus struct {
	wshub.Bus
	subscribed, asked atomic.Int64
}

func (b *countingBus) Subscribe(ctx context.Context, topic string, sink wshub.Sink) (wshub.Position, func(), error) {
	b.subscribed.Add(1)
	return b.Bus.Subscribe(ctx, topic, sink)
}

func (b *countingBus) History(ctx context.Context, topic string, start wshub.Start) (wshub.Replay, error) {
	b.asked.Add(1)
	return b.Bus.History(ctx, topic, start)
}

// A node that all clients move to when another one has gone asks the bus for what the
// first has missed, and for the rest only as often as one has missed more than all
// before it.
func TestThoseThatComeBackTogetherAreAnsweredFromMemory(t *testing.T) {
	clients := 10_000
	if testing.Short() {
		clients = 1000
	}
	const sent = 50
	for name, missed := range map[string]func(i int) int{
		"all the same":      func(i int) int { return 20 },
		"the longest first": func(i int) int { return sent - i%sent },
		"more and more":     func(i int) int { return 1 + i*sent/clients },
	} {
		synctest.Test(t, func(t *testing.T) {
			broker := wshub.MemoryBroker{Retain: keep(100)}
			gone := wshub.Hub{Bus: broker.Bus()}
			var at []wshub.Position
			for i := range sent + 1 {
				p, err := gone.PublishContext(t.Context(), "t", wshub.Text(fmt.Append(nil, i)))
				if err != nil {
					t.Fatal(err)
				}
				at = append(at, p)
			}
			bus := countingBus{Bus: broker.Bus()}
			h := wshub.Hub{Bus: &bus, Retain: keep(100), Encode: say}
			var members []*wshub.Member
			all := make([]client, clients)
			for i := range all {
				all[i] = client{t: t, at: at[sent-missed(i)]}
				m := h.Join(&all[i], "")
				m.SubscribeFrom("t", wshub.Start{After: all[i].at})
				members = append(members, m)
			}
			synctest.Wait()
			for i := range all {
				if got := len(all[i].all()); got != 1+missed(i) || all[i].gaps > 0 {
					t.Fatalf("%s: client %d got %d events, want %d", name, i, got, 1+missed(i))
				}
			}
			most := int64(1)
			if name == "more and more" {
				most = sent
			}
			if n := bus.asked.Load(); n > most || bus.subscribed.Load() != 1 {
				t.Errorf("%s: the bus was asked %d times, want %d", name, n, most)
			}
			for _, m := range members {
				m.Leave()
			}
			synctest.Wait()
		})
	}
}
