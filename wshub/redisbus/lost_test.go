package redisbus_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wshub/redisbus"
)

func publish(t testing.TB, b wshub.Bus, topic, text string) wshub.Position {
	t.Helper()
	at, err := b.Publish(t.Context(), topic, wshub.Record{Op: ws.OpText, Data: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func history(t testing.TB, b wshub.Bus, topic string, start wshub.Start) wshub.Replay {
	t.Helper()
	r, err := b.History(t.Context(), topic, start)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A sink that does not get on makes its node late. What the backlog has dropped
// meanwhile is a gap, and what it keeps comes in order.
func TestANodeThatIsLaterThanTheBacklogHasAGap(t *testing.T) {
	b := startBroker(t)
	o := redisbus.Options{Backlog: 100}
	slow, publisher := open(t, b, o), open(t, b, o)
	defer slow.Close()
	defer publisher.Close()
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
	for i := range n {
		publish(t, publisher, "busy", fmt.Sprint(i))
	}
	close(goOn)
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("the last message does not come")
	}
	if gaps == 0 {
		t.Error("nothing was dropped: the test shows nothing")
	}
}

// A topic that was forgotten because it is too old, and has begun anew, must not look
// as if nothing had been in between.
func TestATopicThatIsTooOldIsAGap(t *testing.T) {
	b := startBroker(t)
	bus := open(t, b, redisbus.Options{Age: 50 * time.Millisecond})
	defer bus.Close()
	first := publish(t, bus, "t", "1")
	publish(t, bus, "t", "2")
	wstest.Until(t, "the topic is too old", func() bool {
		r := history(t, bus, "t", wshub.Start{After: first})
		if !r.Gap && len(r.Entries) != 1 {
			t.Fatalf("%+v", r)
		}
		return r.Gap
	})
	last := publish(t, bus, "t", "3")
	if r := history(t, bus, "t", wshub.Start{After: first, Last: 5}); !r.Gap || len(r.Entries) != 1 || r.At != last {
		t.Errorf("%+v", r)
	}
}

// Nothing that a client knows tells whether a Redis that has started again has lost
// something. So there is a gap, always.
func TestARedisThatHasStartedAgainIsAGapAndANewEpoch(t *testing.T) {
	b := startBroker(t, "--appendonly", "yes", "--appendfsync", "always")
	bus := open(t, b, redisbus.Options{})
	defer bus.Close()
	events := make(chan wshub.BusEvent, 10)
	bus.Subscribe(t.Context(), "t", func(e wshub.BusEvent) { events <- e })
	before := publish(t, bus, "t", "1")
	if e := <-events; e.Position != before {
		t.Errorf("%+v", e)
	}
	b.kill()
	b.start(t)
	if e := <-events; !e.Gap || e.Position.Epoch == before.Epoch || e.Position.Offset != before.Offset {
		t.Errorf("%+v, want a gap", e)
	}
	if r := history(t, bus, "t", wshub.Start{After: before, Last: 1}); !r.Gap || len(r.Entries) != 1 || string(r.Entries[0].Data) != "1" {
		t.Errorf("%+v, want a gap, and what was kept", r)
	}
}

// What somebody else has put where our messages are is not delivered, stops nothing, and
// is a gap, for it may have taken the place of a message.
func TestAForeignEntryIsAGap(t *testing.T) {
	b := startBroker(t)
	bus := open(t, b, redisbus.Options{})
	got := make(chan wshub.BusEvent, 10)
	if _, _, err := bus.Subscribe(t.Context(), "t", func(e wshub.BusEvent) { got <- e }); err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{Addr: b.addr.String()})
	defer client.Close()
	if err := client.XAdd(t.Context(), &redis.XAddArgs{Stream: "wshub:{0}:all", ID: "1-0", Values: []string{"a", "b"}}).Err(); err != nil {
		t.Fatal(err)
	}
	if e := <-got; !e.Gap || e.Position.Offset != 1 {
		t.Errorf("%+v, want a gap at 1", e)
	}
	if _, err := bus.Publish(t.Context(), "t", wshub.Record{Op: ws.OpText}); err == nil {
		t.Error("a message takes a place that is taken")
	}
	at := publish(t, bus, "t", "x")
	if e := <-got; e.Gap || e.Position != at || string(e.Data) != "x" {
		t.Errorf("%+v, want x at %v", e, at)
	}
}

func TestNoErrorHasAPassword(t *testing.T) {
	for _, url := range []string{"redis://user:secret%zz@127.0.0.1:1", "redis://user:sec/secret@127.0.0.1:1", "redis://user:secret@127.0.0.1:port", "redis://user:secret@127.0.0.1:1"} {
		if _, err := redisbus.Open(t.Context(), url, redisbus.Options{}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v", err)
		}
	}
}
