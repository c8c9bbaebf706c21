package wshub_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/wshub"
)

// hubs returns hubs of several kinds that keep three messages of a topic.
func hubs() map[string]*wshub.Hub {
	broker := wshub.MemoryBroker{Retain: keep(3)}
	return map[string]*wshub.Hub{
		"alone":                        {Retain: keep(3), Encode: say},
		"on a bus":                     {Retain: keep(3), Encode: say, Bus: broker.Bus()},
		"on a bus, keeping one itself": {Retain: keep(1), Encode: say, Bus: broker.Bus()},
		"on a bus, keeping nothing":    {Encode: say, Bus: broker.Bus()},
	}
}

func TestASubscriptionBeginsWhereItIsToldTo(t *testing.T) {
	for name := range hubs() {
		synctest.Test(t, func(t *testing.T) {
			h := hubs()[name]
			first := client{t: t}
			m := h.Join(&first, "")
			m.Subscribe("t")
			synctest.Wait()
			start := first.position()
			publish(h, "t", 0, 1)
			synctest.Wait()
			first.want(name, "subscribed", "0")
			after0 := first.position()
			publish(h, "t", 1, 4)
			synctest.Wait()
			at := first.position()
			first.want(name, "1", "2", "3")
			for _, tc := range []struct {
				what  string
				start wshub.Start
				want  []string
			}{
				{"from now", wshub.Start{}, []string{"subscribed"}},
				{"the last", wshub.Start{Last: 1}, []string{"subscribed", "3"}},
				{"the last two", wshub.Start{Last: 2}, []string{"subscribed", "2", "3"}},
				{"all that are kept", wshub.Start{Last: 9}, []string{"subscribed", "1", "2", "3"}},
				{"since the latest", wshub.Start{After: at}, []string{"subscribed"}},
				{"since the latest, or the last one", wshub.Start{After: at, Last: 1}, []string{"subscribed"}},
				{"since the first", wshub.Start{After: after0}, []string{"subscribed", "1", "2", "3"}},
				{"since before the first", wshub.Start{After: start}, []string{"gap"}},
				{"since before the first, or the last two", wshub.Start{After: start, Last: 2}, []string{"gap", "2", "3"}},
				{"another epoch", wshub.Start{After: wshub.Position{Epoch: 1, Offset: 1}, Last: 1}, []string{"gap", "3"}},
			} {
				c := client{t: t}
				m := h.Join(&c, "")
				m.SubscribeFrom("t", tc.start)
				m.SubscribeFrom("t", wshub.Start{Last: 3}) // once is enough
				time.Sleep(time.Second)
				synctest.Wait()
				c.want(name+", "+tc.what, tc.want...)
				if c.position() != at {
					t.Errorf("%s, %s: the client is at %v, want %v", name, tc.what, c.position(), at)
				}
				m.Leave()
			}
			publish(h, "t", 4, 5)
			synctest.Wait()
			first.want(name, "4")
			m.Leave()
			synctest.Wait()
		})
	}
}

// What is kept lasts without members, so what was published before the first one comes
// is there.
func TestTheLastValueWaitsForTheFirstSubscriber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := wshub.Hub{Retain: func(topic string) wshub.Retention { return wshub.Retention{Messages: 1, Age: time.Minute} }, Encode: say}
		publish(&h, "price", 0, 5)
		if s := h.Stats(); s.Topics != 1 || h.Subscribers("price") != 0 {
			t.Errorf("%+v", s)
		}
		for _, tc := range []struct {
			wait time.Duration
			want []string
		}{{0, []string{"subscribed", "4"}}, {59 * time.Second, []string{"subscribed", "4"}}, {2 * time.Second, []string{"subscribed"}}} {
			time.Sleep(tc.wait)
			c := client{t: t}
			m := h.Join(&c, "")
			m.SubscribeFrom("price", wshub.Start{Last: 1})
			c.want(tc.wait.String(), tc.want...)
			m.Leave()
		}
		if s := h.Stats(); s.Topics != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// Without Encode, members get the messages alone, as they were published.
func TestWithoutEncodeMembersGetMessagesOnly(t *testing.T) {
	h := wshub.Hub{Retain: keep(2)}
	var late box
	m := wshub.Text([]byte("one"))
	m.Key = "k"
	at, err := h.PublishContext(t.Context(), "t", m)
	if err != nil || at.Offset != 1 {
		t.Errorf("%v, %v", at, err)
	}
	h.Join(&late, "").SubscribeFrom("t", wshub.Start{Last: 1})
	publish(&h, "t", 2, 3)
	if got := late.all(); len(got) != 2 || got[0] != "k=one" || got[1] != "2" {
		t.Errorf("got %q", got)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.PublishContext(ended, "t", m); err != context.Canceled {
		t.Error(err)
	}
	if _, err := new(wshub.Hub).PublishContext(t.Context(), "t", m); err != nil {
		t.Error(err)
	}
}

// The sender of a message does not get it, on whatever hub, and not later either.
func TestAMessageIsNotForItsSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := wshub.MemoryBroker{Retain: keep(9)}
		here := wshub.Hub{Encode: say, Bus: broker.Bus(), Retain: keep(9)}
		there := wshub.Hub{Encode: say, Bus: broker.Bus()}
		me, other := client{t: t}, client{t: t}
		m := here.Join(&me, "")
		m.Subscribe("t")
		o := there.Join(&other, "")
		o.Subscribe("t")
		synctest.Wait()
		said := wshub.Text([]byte("hello"))
		said.Except = m
		if n := here.Publish("t", said); n != 1 {
			t.Errorf("%d members here", n)
		}
		synctest.Wait()
		me.want("the sender", "subscribed")
		other.want("the other", "subscribed", "hello")
		m.Unsubscribe("t")
		m.SubscribeFrom("t", wshub.Start{Last: 5})
		synctest.Wait()
		me.want("the sender, again", "subscribed")
		m.Leave()
		o.Leave()
		synctest.Wait()
	})
}

// A member that refuses messages gets them later if they are kept, and else a gap, also
// if nothing is published any more.
func TestSlowMembersGetWhatTheyMissOrAGap(t *testing.T) {
	for name := range hubs() {
		synctest.Test(t, func(t *testing.T) {
			h := hubs()[name]
			busy := false
			slow, fine := client{t: t}, client{t: t}
			slow.refuse = func() bool { return busy }
			for _, c := range []*client{&slow, &fine} {
				m := h.Join(c, "")
				m.Subscribe("t")
				defer synctest.Wait()
				defer m.Leave()
			}
			synctest.Wait()
			set := func(b bool) {
				slow.mu.Lock()
				defer slow.mu.Unlock()
				busy = b
			}
			publish(h, "t", 0, 1)
			set(true)
			publish(h, "t", 1, 4)
			synctest.Wait()
			slow.want(name, "subscribed", "0")
			set(false)
			publish(h, "t", 4, 4)
			time.Sleep(3 * time.Second)
			synctest.Wait()
			slow.want(name+", kept", "1", "2", "3")
			set(true)
			publish(h, "t", 4, 10)
			time.Sleep(time.Second)
			set(false)
			time.Sleep(3 * time.Second)
			synctest.Wait()
			slow.want(name+", not kept", "gap")
			publish(h, "t", 10, 11)
			synctest.Wait()
			slow.want(name+", afterwards", "10")
			fine.want(name, "subscribed", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10")
			if s := h.Stats(); s.Gaps != 1 || s.Refused == 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// Members come, resume and go while several publish, all at once: whoever stays gets to
// the end without a hole.
func TestMembersComeAndGoWhileSeveralPublish(t *testing.T) {
	for name := range hubs() {
		synctest.Test(t, func(t *testing.T) {
			h := hubs()[name]
			const publishers, each = 4, 100
			clients := make([]client, 200)
			members := make([]*wshub.Member, len(clients))
			var wg sync.WaitGroup
			for range publishers {
				wg.Go(func() { publish(h, "t", 0, each) })
			}
			for i := range clients {
				wg.Go(func() {
					c := &clients[i]
					c.t = t
					first := h.Join(c, "")
					first.SubscribeFrom("t", wshub.Start{Last: i % 5})
					members[i] = first
					if i%2 > 0 {
						return
					}
					time.Sleep(time.Millisecond)
					first.Leave()
				})
			}
			wg.Wait()
			time.Sleep(time.Minute)
			end, err := h.PublishContext(t.Context(), "t", wshub.Text([]byte("end")))
			time.Sleep(time.Minute)
			synctest.Wait()
			for i := 1; i < len(clients); i += 2 {
				if at := clients[i].position(); at != end || err != nil {
					t.Errorf("%s: client %d is at %v, the end at %v, %v", name, i, at, end, err)
				}
			}
			for _, m := range members {
				m.Leave()
			}
			time.Sleep(time.Minute)
		})
	}
}

// What a member has refused in a membership before is not tried again while the answer to
// its new one is on its way: it would get that twice.
func TestAnAnswerOnItsWayIsAllThatAMemberGets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := wshub.Hub{Retain: keep(3), Encode: say}
		refusing := true
		slow := client{t: t, refuse: func() bool { return refusing }}
		m := h.Join(&slow, "")
		m.Subscribe("t") // refused: it is tried again after 200 ms
		refusing = false
		start := wshub.Start{Last: 3}
		publish(&h, "t", 0, 1)

		blocked := make(chan struct{})
		other := client{t: t, refuse: func() bool { <-blocked; return false }}
		go h.Join(&other, "").Subscribe("t") // until then the topic delivers nothing else
		time.Sleep(time.Second)
		m.Unsubscribe("t")
		m.SubscribeFrom("t", start)
		close(blocked)
		synctest.Wait()
		slow.want("subscribed again", "subscribed", "0")
	})
}
