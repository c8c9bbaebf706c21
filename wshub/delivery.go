package wshub

import (
	"sync/atomic"

	"github.com/wirews/wirews/wsflate"
)

// delivery is a message, and the members at the time when it was published. It may
// be an errand instead.
type delivery struct {
	topic   *topic
	message Message // unless it comes from the bus, or is an errand
	post    *post   // if the topic has a past
	to      roll
	errand  *errand
}

// errand is what is delivered now and then, in the order of the topic.
type errand struct {
	member *Member // who gets it; nil: the roll
	answer *Event
	posts  []*post  // after the answer
	at     Position // of what comes before it in the line
	resume bool     // instead: those that were too slow get what they have missed
	then   func()   // instead
}

func (d delivery) do(steps *atomic.Uint32) {
	switch e := d.errand; {
	case e == nil && d.post == nil:
		d.message.deliver(d.to, &d.topic.hub.counts, steps)
	case e == nil:
		d.topic.deliver(d.post, d.to, steps)
	case e.resume:
		d.topic.resume()
	case e.then != nil:
		e.then()
	case e.member != nil:
		d.topic.greet(e)
	default:
		d.topic.past.slow.done = e.at
		d.topic.tell(*e.answer, d.to, steps)
	}
}

// deliver delivers a message without a position.
func (m *Message) deliver(to roll, c *counts, steps *atomic.Uint32) {
	var delivered, refused int64
	defer func() {
		c.delivered.Add(delivered)
		c.refused.Add(refused)
	}()
	for _, part := range to {
		for _, member := range *part {
			steps.Add(1)
			switch {
			case member == m.Except:
			case member.to.Deliver(m.Prepared, m.Key) == nil:
				delivered++
			default:
				refused++
			}
		}
	}
}

// deliver delivers a message with a position.
func (t *topic) deliver(p *post, to roll, steps *atomic.Uint32) {
	slow := &t.past.slow
	slow.done = p.Position
	var delivered, refused int64
	defer func() {
		t.hub.counts.delivered.Add(delivered)
		t.hub.counts.refused.Add(refused)
	}()
	for _, part := range to {
		for _, m := range *part {
			steps.Add(1)
			if m.id == p.Origin || slow.has(m) {
				continue
			}
			switch prepared := t.prepared(p); {
			case prepared == nil:
			case m.to.Deliver(prepared, p.Key) == nil:
				delivered++
			default:
				refused++
				t.leaveBehind(m, lag{after: p.prev})
			}
		}
	}
}

// prepared returns what members are sent of a message, or nil.
func (t *topic) prepared(p *post) *wsflate.PreparedMessage {
	if p.prepared == nil && !p.encoded {
		p.encoded = true
		p.prepared = t.hub.encode(Event{EventMessage, t.name, p.Entry, p.prev})
	}
	return p.prepared
}

// tell tells all members of a gap.
func (t *topic) tell(e Event, to roll, steps *atomic.Uint32) {
	e.Topic, e.Prev = t.name, e.Position
	prepared := t.hub.encode(e)
	for _, part := range to {
		for _, m := range *part {
			steps.Add(1)
			if !t.past.slow.has(m) {
				t.notify(m, &e, prepared)
			}
		}
	}
}

// notify gives a member an event that is no message. It reports whether the member has
// taken it; if not, it gets it later.
func (t *topic) notify(m *Member, e *Event, prepared *wsflate.PreparedMessage) bool {
	if prepared != nil && m.to.Deliver(prepared, "") != nil {
		t.hub.counts.refused.Add(1)
		t.leaveBehind(m, lag{after: e.Position, answer: e})
		return false
	}
	if prepared != nil && e.Kind == EventGap {
		t.hub.counts.gaps.Add(1)
	}
	return true
}

// replay gives a member an answer, if there is one, and messages of before.
func (t *topic) replay(m *Member, answer *Event, posts []*post) {
	if answer != nil {
		e := *answer
		e.Topic, e.Prev = t.name, e.Position
		if !t.notify(m, &e, t.hub.encode(e)) {
			return
		}
	}
	for _, p := range posts {
		if m.id == p.Origin {
			continue
		}
		prepared := t.prepared(p)
		if prepared == nil {
			continue
		}
		if m.to.Deliver(prepared, p.Key) != nil {
			t.hub.counts.refused.Add(1)
			t.leaveBehind(m, lag{after: p.prev})
			return
		}
		t.hub.counts.delivered.Add(1)
	}
}
