package fanout_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/wirews/wirews/internal/fanout"
	"github.com/wirews/wirews/wshub"
)

// tape is a sink that keeps what it gets.
type tape []string

func (p *tape) sink(e wshub.BusEvent) {
	what := string(e.Data)
	if e.Gap {
		what = "gap"
	}
	*p = append(*p, fmt.Sprint(what, "@", e.Position.Epoch, ".", e.Position.Offset))
}

func at(epoch, offset uint64) wshub.Position { return wshub.Position{Epoch: epoch, Offset: offset} }

func entry(text string, p wshub.Position) wshub.Entry {
	return wshub.Entry{Record: wshub.Record{Data: []byte(text)}, Position: p}
}

func (p *tape) want(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(*p, want) {
		t.Errorf("got %q, want %q", *p, want)
	}
	*p = nil
}

func TestASubscriptionGetsItsTopicFromItsPositionOn(t *testing.T) {
	var s fanout.Shard
	s.Begin(at(1, 10))
	var old, ahead, other tape
	if from, _ := s.Subscribe("t", at(1, 9), old.sink); from != at(1, 10) {
		t.Errorf("begins at %v, which has been delivered before", from)
	}
	if from, _ := s.Subscribe("t", at(1, 12), ahead.sink); from != at(1, 12) {
		t.Errorf("begins at %v", from)
	}
	s.Subscribe("u", at(1, 10), other.sink)
	for i := range uint64(4) {
		s.Deliver("t", entry("m", at(1, 11+i)))
	}
	s.Pass(at(1, 20))
	if s.At() != at(1, 20) {
		t.Error(s.At())
	}
	old.want(t, "m@1.11", "m@1.12", "m@1.13", "m@1.14")
	ahead.want(t, "m@1.13", "m@1.14")
	other.want(t)
}

func TestWithoutPositionsEverythingIsDelivered(t *testing.T) {
	var s fanout.Shard
	var got tape
	s.Subscribe("t", wshub.Position{}, got.sink)
	s.Deliver("t", entry("a", wshub.Position{}))
	s.GapOfAll(wshub.Position{})
	s.Deliver("t", entry("b", wshub.Position{}))
	got.want(t, "a@0.0", "gap@0.0", "b@0.0")
}

func TestAfterAGapNothingComesThatIsBeforeIt(t *testing.T) {
	var s fanout.Shard
	s.Begin(at(1, 0))
	var lost, fine tape
	s.Subscribe("lost", at(1, 0), lost.sink)
	s.Subscribe("fine", at(1, 0), fine.sink)
	s.Gap("lost", at(1, 5))
	for i := range uint64(6) {
		s.Deliver([]string{"lost", "fine"}[i%2], entry("m", at(1, 1+i)))
	}
	s.Deliver("lost", entry("m", at(1, 7)))
	lost.want(t, "gap@1.5", "m@1.7")
	fine.want(t, "m@1.2", "m@1.4", "m@1.6")

	s.GapOfAll(at(2, 3)) // the broker has begun anew
	s.Deliver("lost", entry("m", at(2, 4)))
	lost.want(t, "gap@2.3", "m@2.4")
	fine.want(t, "gap@2.3")
}

func TestASubscriptionOfAnotherEpochWaitsForTheGap(t *testing.T) {
	var s fanout.Shard
	s.Begin(at(1, 7))
	var got tape
	if from, _ := s.Subscribe("t", at(2, 1), got.sink); from != at(1, 7) {
		t.Errorf("begins at %v", from)
	}
	s.GapOfAll(at(2, 1))
	got.want(t, "gap@2.1")
}

func TestAGapBeforeItsBeginningIsNoneOfASubscription(t *testing.T) {
	var s fanout.Shard
	s.Begin(at(1, 3))
	var got tape
	s.Subscribe("t", at(1, 9), got.sink)
	s.Gap("t", at(1, 9))
	s.Deliver("t", entry("m", at(1, 9)))
	s.Deliver("t", entry("m", at(1, 10)))
	got.want(t, "m@1.10")
}

func TestAPositionIsAwaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s fanout.Shard
		s.Begin(at(1, 1))
		reached := make(chan bool)
		await := func(ctx context.Context, p wshub.Position) { go func() { reached <- s.Await(ctx, p) }() }
		await(t.Context(), at(1, 3))
		s.Pass(at(1, 2))
		synctest.Wait()
		select {
		case <-reached:
			t.Error("too early")
		default:
		}
		s.Deliver("t", entry("m", at(1, 4)))
		if !<-reached {
			t.Error("it was reached")
		}
		await(t.Context(), at(1, 9))
		synctest.Wait()
		s.GapOfAll(at(2, 20))
		if <-reached {
			t.Error("the epoch has ended")
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		await(ended, at(2, 21))
		if <-reached {
			t.Error("the context has ended")
		}
	})
}

func TestACancelledSubscriptionIsOver(t *testing.T) {
	var s fanout.Shard
	var first, second tape
	var cancel func()
	_, cancel = s.Subscribe("t", wshub.Position{}, func(e wshub.BusEvent) { first.sink(e); cancel() })
	s.Subscribe("t", wshub.Position{}, second.sink)
	s.Deliver("t", entry("a", wshub.Position{}))
	s.Deliver("t", entry("b", wshub.Position{}))
	cancel()
	first.want(t, "a@0.0")
	second.want(t, "a@0.0", "b@0.0")
	s.End()
	s.Deliver("t", entry("c", wshub.Position{}))
	second.want(t)
	if topics := s.Topics(); len(topics) > 0 {
		t.Errorf("%q are left", topics)
	}
}
