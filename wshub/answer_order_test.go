package wshub_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wshub"
)

// slowHistory is a bus that tells what was only when it may.
type slowHistory struct {
	wshub.Bus
	goOn chan struct{}
}

func (b slowHistory) History(ctx context.Context, topic string, start wshub.Start) (wshub.Replay, error) {
	<-b.goOn
	return b.Bus.History(ctx, topic, start)
}

// A member that asks for something else while it waits gets the answer to that.
func TestTheLastRequestIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := wshub.MemoryBroker{Retain: keep(100)}
		b := slowHistory{broker.Bus(), make(chan struct{})}
		h := &wshub.Hub{Bus: b, Encode: say, Retain: keep(100)}
		zero, _ := h.PublishContext(t.Context(), "t", wshub.Text([]byte("0")))
		publish(h, "t", 1, 4)
		other := h.Join(&client{t: t}, "")
		other.Subscribe("t")
		synctest.Wait()
		c := &client{t: t}
		m := h.Join(c, "")
		m.SubscribeFrom("t", wshub.Start{Last: 1})
		synctest.Wait() // the bus is asked
		m.Unsubscribe("t")
		m.SubscribeFrom("t", wshub.Start{After: zero})
		close(b.goOn)
		time.Sleep(time.Minute)
		c.want("after 0", "subscribed", "1", "2", "3")
		m.Leave()
		other.Leave()
	})
}

// failsForMany is a bus that cannot tell very much.
type failsForMany struct{ wshub.Bus }

func (b failsForMany) History(ctx context.Context, topic string, start wshub.Start) (wshub.Replay, error) {
	if start.Last > 100 {
		return wshub.Replay{}, errors.New("that takes too long")
	}
	return b.Bus.History(ctx, topic, start)
}

// What the bus cannot do for one member holds up no other.
func TestAMemberThatCannotBeAnsweredHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := wshub.MemoryBroker{Retain: keep(1000)}
		h := &wshub.Hub{Bus: failsForMany{broker.Bus()}, Encode: say, Retain: keep(1)}
		publish(h, "t", 0, 5)
		never, before, after := &client{t: t}, &client{t: t}, &client{t: t}
		ask := func(c *client, last int) *wshub.Member {
			m := h.Join(c, "")
			m.SubscribeFrom("t", wshub.Start{Last: last})
			return m
		}
		members := []*wshub.Member{ask(never, 1000), ask(before, 2)}
		time.Sleep(time.Minute) // the next attempt is seconds away
		begun := time.Now()
		members = append(members, ask(after, 0))
		synctest.Wait()
		if took := time.Since(begun); took != 0 {
			t.Errorf("it took %v", took)
		}
		publish(h, "t", 5, 6)
		synctest.Wait()
		never.want("what the bus cannot tell")
		before.want("what it can", "subscribed", "3", "4", "5")
		after.want("what needs no bus", "subscribed", "5")
		if n := h.Stats().Retried; n == 0 {
			t.Error("the failures of the bus are not counted")
		}
		for _, m := range members {
			m.Leave()
		}
	})
}

// A topic that no bus takes is refused at once, and not tried again for ever.
func TestATopicThatNoBusTakesIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broker wshub.MemoryBroker
		h := &wshub.Hub{Bus: broker.Bus()}
		m := h.Join(&client{t: t}, "")
		for _, topic := range []string{"", strings.Repeat("x", 129)} {
			var wrong *wshub.TopicError
			if err := m.Subscribe(topic); !errors.As(err, &wrong) || wrong.Topic != topic {
				t.Errorf("Subscribe: %v", err)
			}
			if _, err := h.PublishContext(t.Context(), topic, wshub.Text(nil)); !errors.As(err, &wrong) {
				t.Errorf("PublishContext: %v", err)
			}
		}
		time.Sleep(time.Minute)
		if s := h.Stats(); s.Topics != 0 || s.Retried != 0 {
			t.Errorf("%+v", s)
		}
		if err := m.Subscribe(strings.Repeat("x", 128)); err != nil {
			t.Error(err)
		}
		m.Leave()
		var local wshub.Hub
		if err := local.Join(&client{t: t}, "").Subscribe(""); err != nil {
			t.Error("without a bus:", err)
		}
	})
}

// held is a subscriber that holds up a delivery.
type held struct{ entered, goOn chan struct{} }

func (h *held) Deliver(*wsflate.PreparedMessage, string) error {
	select {
	case h.entered <- struct{}{}:
		<-h.goOn
	default:
	}
	return nil
}

// A topic whose last member leaves during a delivery ends after it: whoever comes back
// gets nothing of it after its new answer.
func TestATopicEndsAfterItsLastDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := wshub.MemoryBroker{Retain: keep(100)}
		here, there := &wshub.Hub{Bus: broker.Bus(), Encode: say, Retain: keep(100)}, &wshub.Hub{Bus: broker.Bus()}
		stuck := &held{goOn: make(chan struct{})}
		first := here.Join(stuck, "")
		first.Subscribe("t")
		synctest.Wait()
		c := &client{t: t}
		m := here.Join(c, "")
		m.Subscribe("t")
		synctest.Wait()
		publish(there, "t", 0, 1)
		synctest.Wait()
		stuck.entered = make(chan struct{}, 1) // it does not depend on who is first there
		go publish(there, "t", 1, 2)
		<-stuck.entered
		at := c.position()
		m.Unsubscribe("t")
		first.Leave()
		m.SubscribeFrom("t", wshub.Start{After: at})
		synctest.Wait()
		close(stuck.goOn)
		time.Sleep(time.Minute)
		c.want("what was under way belongs to the first time", "subscribed", "0", "1", "subscribed", "1")
		m.Leave()
		synctest.Wait()
		if n := here.Stats().Topics; n != 0 {
			t.Errorf("%d topics are left", n)
		}
	})
}
