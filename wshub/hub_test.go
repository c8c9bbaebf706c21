package wshub_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wshub"
)

// box is a subscriber that keeps what it gets.
type box struct {
	mu    sync.Mutex
	got   []string
	fails error
	then  func(text string) // called without a lock
}

func (b *box) Deliver(m *wsflate.PreparedMessage, key string) error {
	text := string(m.Payload())
	if key != "" {
		text = key + "=" + text
	}
	b.mu.Lock()
	b.got = append(b.got, text)
	b.mu.Unlock()
	if b.then != nil {
		b.then(text)
	}
	return b.fails
}

func (b *box) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.got)
}

func TestMembersGetWhatIsPublishedToTheirTopics(t *testing.T) {
	var h wshub.Hub
	var anna, bert, carl box
	a, b, c := h.Join(&anna, "anna"), h.Join(&bert, "bert"), h.Join(&carl, "anna")
	a.Subscribe("cats")
	a.Subscribe("cats") // once is enough
	a.Subscribe("dogs")
	b.Subscribe("dogs")
	send := func(topic, text string) int { return h.Publish(topic, wshub.Text([]byte(text))) }
	for _, tc := range []struct {
		topic, text string
		want        int
	}{{"cats", "miaow", 1}, {"dogs", "woof", 2}, {"fish", "", 0}} {
		if n := send(tc.topic, tc.text); n != tc.want {
			t.Errorf("%s: %d members, want %d", tc.topic, n, tc.want)
		}
	}
	m := wshub.Binary([]byte("yelp"))
	m.Except, m.Key = b, "rex"
	h.Publish("dogs", m)
	if n := h.SendTo("anna", wshub.Text([]byte("to you"))); n != 2 {
		t.Errorf("anna has %d connections", n)
	}
	a.Unsubscribe("dogs")
	a.Unsubscribe("dogs")
	send("dogs", "arf")
	b.Leave()
	b.Leave()
	b.Subscribe("dogs")
	if n := send("dogs", "nobody hears"); n != 0 {
		t.Errorf("%d members are left", n)
	}
	for name, want := range map[*box][]string{
		&anna: {"miaow", "woof", "rex=yelp", "to you"},
		&bert: {"woof", "arf"},
		&carl: {"to you"},
	} {
		if got := name.all(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if s, want := h.Stats(), (wshub.Stats{Members: 2, Topics: 1, Published: 7, Delivered: 7}); s != want {
		t.Errorf("%+v, want %+v", s, want)
	}
	a.Leave()
	c.Leave()
	if s := h.Stats(); s.Members != 0 || s.Topics != 0 || h.SendTo("anna", m) != 0 {
		t.Errorf("everybody has left: %+v", s)
	}
}

func TestARefusedMessageIsCountedAndTheOthersGetIt(t *testing.T) {
	var h wshub.Hub
	full, fine := box{fails: errors.New("full")}, box{}
	h.Join(&full, "").Subscribe("t")
	h.Join(&fine, "").Subscribe("t")
	h.Publish("t", wshub.Text(nil))
	if s := h.Stats(); s.Delivered != 1 || s.Refused != 1 || len(fine.all()) != 1 {
		t.Errorf("%+v", s)
	}
}

// All members get the messages of a topic in one order, which keeps that of each
// publisher, while members come and go.
func TestATopicHasOneOrder(t *testing.T) {
	for name, retain := range map[string]func(string) wshub.Retention{"plain": nil, "that is kept": keep(10)} {
		t.Run(name, func(t *testing.T) { hasOneOrder(t, &wshub.Hub{Retain: retain}) })
	}
}

func hasOneOrder(t *testing.T, h *wshub.Hub) {
	synctest.Test(t, func(t *testing.T) {
		boxes := make([]box, 700) // of several parts
		for i := range boxes {
			h.Join(&boxes[i], "").Subscribe("t")
		}
		var wg sync.WaitGroup
		for p := range 8 {
			wg.Go(func() {
				for i := range 200 {
					h.Publish("t", wshub.Text(fmt.Appendf(nil, "%d %d", p, i)))
				}
			})
		}
		wg.Go(func() {
			for range 500 {
				m := h.Join(new(box), "")
				m.Subscribe("t")
				m.Leave()
			}
		})
		wg.Wait()
		synctest.Wait() // whoever delivers for others
		want := boxes[0].all()
		var last [8]int
		for _, text := range want {
			var p, i int
			fmt.Sscan(text, &p, &i)
			if i != last[p] {
				t.Fatalf("message %d of publisher %d comes after %d", i, p, last[p]-1)
			}
			last[p]++
		}
		if len(want) != 8*200 {
			t.Errorf("%d messages", len(want))
		}
		for i := range boxes {
			if got := boxes[i].all(); !slices.Equal(got, want) {
				t.Fatalf("member %d got %d messages, or in another order", i, len(got))
			}
		}
	})
}

func TestASubscriberMayPublishAndLeaveFromWithinDeliver(t *testing.T) {
	var h wshub.Hub
	var echo box
	m := h.Join(&echo, "me")
	m.Subscribe("t")
	echo.then = func(text string) {
		switch text {
		case "ping":
			h.Publish("t", wshub.Text([]byte("pong")))
		case "pong":
			h.SendTo("me", wshub.Text([]byte("bye")))
		case "bye":
			m.Leave()
		}
	}
	h.Publish("t", wshub.Text([]byte("ping")))
	h.Publish("t", wshub.Text([]byte("unheard")))
	if got := echo.all(); !slices.Equal(got, []string{"ping", "pong", "bye"}) {
		t.Errorf("got %q", got)
	}
}

func TestATopicGoesOnAfterAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h wshub.Hub
		var bad box
		h.Join(&bad, "").Subscribe("t")
		bad.then = func(text string) {
			if text == "boom" {
				panic(text)
			}
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the publisher does not see the panic")
				}
			}()
			h.Publish("t", wshub.Text([]byte("boom")))
		}()
		synctest.Wait()
		h.Publish("t", wshub.Text([]byte("fine")))
		if got := bad.all(); !slices.Equal(got, []string{"boom", "fine"}) {
			t.Errorf("got %q", got)
		}
	})
}

// slow is a subscriber whose Deliver returns when it is told to.
type slow chan struct{}

func (s slow) Deliver(*wsflate.PreparedMessage, string) error { <-s; return nil }

func TestAPublisherDoesNotDeliverForOthersForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h wshub.Hub
		member := make(slow)
		h.Join(member, "").Subscribe("t")
		first := make(chan struct{})
		go func() {
			h.Publish("t", wshub.Text(nil))
			close(first)
		}()
		synctest.Wait()
		var others sync.WaitGroup
		for range 300 { // more than wait for one that delivers
			others.Go(func() { h.Publish("t", wshub.Text(nil)) })
		}
		synctest.Wait()
		for range 30 {
			member <- struct{}{}
		}
		<-first // although others have more
		close(member)
		others.Wait()
		synctest.Wait()
		if n := h.Stats().Delivered; n != 301 {
			t.Errorf("%d messages were delivered", n)
		}
	})
}

// A subscriber may publish more from within Deliver than may wait, as may many of one
// topic: that would have to wait for itself.
func TestWhatPublishesFromWithinDeliverDoesNotWaitForItself(t *testing.T) {
	for _, tc := range []struct{ members, each int }{{1, 5000}, {300, 5}} {
		synctest.Test(t, func(t *testing.T) {
			var h wshub.Hub
			boxes := make([]box, tc.members)
			for i := range boxes {
				boxes[i].then = func(text string) {
					if text != "first" {
						return
					}
					for range tc.each {
						h.Publish("t", wshub.Text([]byte("more")))
					}
				}
				h.Join(&boxes[i], "").Subscribe("t")
			}
			begun := time.Now()
			h.Publish("t", wshub.Text([]byte("first")))
			synctest.Wait()
			if got := len(boxes[tc.members-1].all()); got != 1+tc.members*tc.each {
				t.Errorf("the last of %d members got %d messages", tc.members, got)
			}
			if took := time.Since(begun); took > 50*time.Millisecond {
				t.Errorf("that took %v", took)
			}
		})
	}
}

// Whatever members do, the hub is as a plain list of who is where.
func TestMembershipIsThatOfAPlainList(t *testing.T) {
	var h wshub.Hub
	r := rand.New(rand.NewPCG(1, 2))
	const members, topics = 1500, 3
	boxes := make([]box, members)
	joined := make([]*wshub.Member, members)
	in := make([][topics]bool, members)
	for i := range boxes {
		joined[i] = h.Join(&boxes[i], fmt.Sprint(i%10))
	}
	for step := range 20_000 {
		i, k := r.IntN(members), r.IntN(topics)
		topic := fmt.Sprint("topic", k)
		switch r.IntN(5) {
		case 0, 1, 2:
			joined[i].Subscribe(topic)
			in[i][k] = true
		case 3:
			joined[i].Unsubscribe(topic)
			in[i][k] = false
		case 4:
			joined[i].Leave()
			joined[i] = h.Join(&boxes[i], fmt.Sprint(i%10))
			in[i] = [topics]bool{}
		}
		if step%500 > 0 {
			continue
		}
		want := 0
		for i := range boxes {
			boxes[i].got = nil
			if in[i][k] {
				want++
			}
		}
		if n := h.Publish(topic, wshub.Text([]byte("x"))); n != want || h.Subscribers(topic) != want {
			t.Fatalf("%d members of %s, want %d", n, topic, want)
		}
		for i := range boxes {
			if got := len(boxes[i].got) == 1; got != in[i][k] {
				t.Fatalf("member %d got %q of %s, of which it is a member: %v", i, boxes[i].got, topic, in[i][k])
			}
		}
	}
	if n := h.SendTo("3", wshub.Text(nil)); n != members/10 {
		t.Errorf("%d members of a name", n)
	}
}

func TestPublishingDoesNotAllocate(t *testing.T) {
	var h wshub.Hub
	for range 1000 {
		h.Join(nothing{}, "").Subscribe("t")
	}
	m := wshub.Text([]byte("x"))
	if n := testing.AllocsPerRun(100, func() { h.Publish("t", m) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// nothing is a subscriber that forgets all.
type nothing struct{}

func (nothing) Deliver(*wsflate.PreparedMessage, string) error { return nil }

// panics calls f, and reports whether it panics.
func panics(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// A panic of Retain is for whoever has named the topic; nothing stays locked, and no
// topic stays. (Without that, Leave waits for ever.)
func TestARetainThatPanicsHoldsUpNobody(t *testing.T) {
	h := wshub.Hub{Retain: func(topic string) wshub.Retention {
		_ = strings.Split(topic, ":")[1] // clients name topics
		return wshub.Retention{Messages: 1}
	}}
	m := h.Join(new(box), "")
	for _, f := range []func(){
		func() { m.Subscribe("odd") },
		func() { h.Publish("odd", wshub.Text(nil)) },
	} {
		if panics(f) == nil {
			t.Error("the panic is gone")
		}
	}
	if n := h.Stats().Topics; n != 0 {
		t.Errorf("%d topics are left", n)
	}
	m.Unsubscribe("odd")
	m.Leave()
}

// A message that is none panics, and the topic goes on.
func TestAMessageThatIsNoneHoldsUpNobody(t *testing.T) {
	h := wshub.Hub{Retain: keep(1)}
	m := h.Join(new(box), "")
	m.Subscribe("t")
	if panics(func() { h.Publish("t", wshub.Message{}) }) == nil {
		t.Error("it is published")
	}
	if n := h.Publish("t", wshub.Text(nil)); n != 1 {
		t.Errorf("%d members", n)
	}
	m.Leave()
}

// A gap that Encode does not send is none that anybody was told of.
func TestAGapThatIsNotSentIsNotCounted(t *testing.T) {
	h := wshub.Hub{Retain: keep(1)}
	m := h.Join(new(box), "")
	m.SubscribeFrom("t", wshub.Start{After: wshub.Position{Epoch: 1, Offset: 1}})
	if n := h.Stats().Gaps; n != 0 {
		t.Errorf("%d gaps were told of, by nobody", n)
	}
	m.Leave()
}
