package wshub_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/wshub"
)

// sharedLog counts the messages of all topics together, as a broker does that has one
// log for many topics, and says how far that is where it says how far a topic is.
type sharedLog struct {
	*wshub.MemoryBus
	last *wshub.Position
}

func (b sharedLog) Publish(ctx context.Context, topic string, r wshub.Record) (wshub.Position, error) {
	at, err := b.MemoryBus.Publish(ctx, topic, r)
	*b.last = at
	return at, err
}

func (b sharedLog) Subscribe(ctx context.Context, topic string, sink wshub.Sink) (wshub.Position, func(), error) {
	at, cancel, err := b.MemoryBus.Subscribe(ctx, topic, sink)
	return b.later(at), cancel, err
}

func (b sharedLog) later(at wshub.Position) wshub.Position {
	at.Offset = max(at.Offset, b.last.Offset)
	return at
}

func (b sharedLog) History(ctx context.Context, topic string, start wshub.Start) (wshub.Replay, error) {
	r, err := b.MemoryBus.History(ctx, topic, wshub.Start{})
	if err != nil {
		return r, err
	}
	if after := start.After; after.Epoch == r.At.Epoch && after.Offset > r.At.Offset && after.Offset <= b.last.Offset {
		return wshub.Replay{From: after, At: *b.last}, nil
	}
	r, err = b.MemoryBus.History(ctx, topic, start)
	if len(r.Entries) == 0 && (start.After.IsZero() || r.Gap) {
		r.From = b.later(r.From)
	}
	r.At = b.later(r.At)
	return r, err
}

// A member comes to a topic of which its hub has had nothing for a while, with a later
// position than that, and others after it: they are answered.
func TestAQuietTopicIsResumedFromALaterPosition(t *testing.T) {
	for name, c := range map[string]struct {
		keeps bool // the broker keeps what has been since
		start func(present wshub.Position) wshub.Start
		want  []string
		other []string // what a member that has been there all the time is told
	}{
		"from there":   {true, func(p wshub.Position) wshub.Start { return wshub.Start{After: p} }, []string{"subscribed", "news"}, []string{"subscribed", "news"}},
		"the last":     {true, func(p wshub.Position) wshub.Start { return wshub.Start{Last: 1} }, []string{"subscribed", "news"}, []string{"subscribed", "news"}},
		"from nowhere": {true, func(p wshub.Position) wshub.Start { return wshub.Start{After: wshub.Position{Epoch: 1, Offset: 1}} }, []string{"gap", "news"}, []string{"subscribed", "news"}},
		"nobody knows": {false, func(p wshub.Position) wshub.Start { return wshub.Start{After: p} }, []string{"subscribed", "news"}, []string{"subscribed", "gap", "news"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			broker := wshub.MemoryBroker{Retain: func(string) wshub.Retention { return wshub.Retention{Messages: 10} }}
			var last wshub.Position
			var bus wshub.Bus = sharedLog{broker.Bus(), &last}
			if !c.keeps {
				bus = forgetfulBus{bus.(sharedLog)}
			}
			h := &wshub.Hub{Bus: bus, Encode: say}
			first := &client{t: t}
			m := h.Join(first, "")
			m.Subscribe("quiet")
			synctest.Wait()
			for range 5 {
				h.Publish("busy", wshub.Text([]byte("noise")))
			}
			second, third := &client{t: t}, &client{t: t}
			back, late := h.Join(second, ""), h.Join(third, "")
			back.SubscribeFrom("quiet", c.start(last))
			synctest.Wait()
			late.Subscribe("quiet")
			synctest.Wait()
			h.Publish("quiet", wshub.Text([]byte("news")))
			synctest.Wait()
			for who, got := range map[string][2][]string{"first": {first.all(), c.other}, "second": {second.all(), c.want}, "third": {third.all(), {"subscribed", "news"}}} {
				if !slices.Equal(got[0], got[1]) {
					t.Errorf("%s: the %s got %q, want %q", name, who, got[0], got[1])
				}
			}
			for _, m := range []*wshub.Member{m, back, late} {
				m.Leave()
			}
		})
	}
}

// forgetfulBus does not know what was after a position from before the present one.
type forgetfulBus struct{ sharedLog }

func (b forgetfulBus) History(ctx context.Context, topic string, start wshub.Start) (wshub.Replay, error) {
	if !start.After.IsZero() && start.After.Offset < b.last.Offset {
		return wshub.Replay{Gap: true, From: *b.last, At: *b.last}, nil
	}
	return b.sharedLog.History(ctx, topic, start)
}

// lateBus brings nothing until it is let, and the first that answers what was after a
// position does not know yet.
type lateBus struct {
	sharedLog
	late *bool
	let  chan struct{}
}

func (b lateBus) Subscribe(ctx context.Context, topic string, sink wshub.Sink) (wshub.Position, func(), error) {
	return b.sharedLog.Subscribe(ctx, topic, func(e wshub.BusEvent) {
		go func() { <-b.let; sink(e) }()
	})
}

func (b lateBus) History(ctx context.Context, topic string, start wshub.Start) (wshub.Replay, error) {
	if after := start.After; !after.IsZero() && after.Offset < b.last.Offset && *b.late {
		*b.late = false
		return wshub.Replay{From: after, At: after}, nil
	}
	return b.sharedLog.History(ctx, topic, start)
}

// A topic is not taken to be quiet for the answer of somebody who is late.
func TestALateAnswerDoesNotMakeATopicQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := wshub.MemoryBroker{Retain: keep(10)}
		late := true
		bus := lateBus{sharedLog{broker.Bus(), new(wshub.Position)}, &late, make(chan struct{})}
		h := &wshub.Hub{Bus: bus, Encode: say}
		first, second := &client{t: t}, &client{t: t}
		m := h.Join(first, "")
		m.Subscribe("quiet")
		synctest.Wait()
		h.Publish("quiet", wshub.Text([]byte("early")))
		h.Publish("busy", wshub.Text([]byte("noise")))
		back := h.Join(second, "")
		back.SubscribeFrom("quiet", wshub.Start{After: *bus.last})
		synctest.Wait()
		close(bus.let)
		time.Sleep(time.Minute)
		synctest.Wait()
		first.want("a member that was there", "subscribed", "early")
		second.want("a member that comes with a later position", "subscribed")
		m.Leave()
		back.Leave()
	})
}
