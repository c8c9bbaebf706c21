package wshub

import (
	"time"
)

// topic has an order and members. Messages are delivered by one goroutine at a
// time, without the lock: a publisher that comes while another one delivers leaves
// its message to that.
type topic struct {
	line[delivery]
	hub     *Hub
	name    string
	members members
	gone    bool  // it is no topic of the hub any more
	past    *past // nil: its messages have no positions
}

// past is what a topic has whose messages have positions.
type past struct {
	history
	feed *feed // from the bus; nil: positions are given here
	slow slow
	// answers is how many answers to a member wait in the line. Until it has them, it
	// gets nothing of what it has refused in a membership before.
	answers map[*Member]int
}

func newTopic(h *Hub, name string, mayHavePast bool) *topic {
	t := &topic{hub: h, name: name}
	if mayHavePast && h.hasPast() {
		t.past = new(past)
		t.past.begin(Position{Epoch: newEpoch()})
		if h.Bus != nil {
			t.past.feed = newFeed(t)
		}
	}
	return t
}

func (t *topic) size() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.count()
}

// count returns how many members there are, with those that wait for the bus.
func (t *topic) count() int {
	n := t.members.len()
	if t.past != nil && t.past.feed != nil {
		n += len(t.past.feed.pending)
	}
	return n
}

// over ends a topic that has no members and of which nothing is kept, and reports
// whether it has. While something is delivered it is not over: a member that left and
// came back would get that beside what its next topic has for it.
func (t *topic) over(now time.Time) bool { return !t.busy && t.ends(now) }

// ends is over for whoever delivers the last that there is.
func (t *topic) ends(now time.Time) bool {
	if t.count() > 0 {
		return false
	}
	if p := t.past; p != nil {
		if p.trim(t.hub.retention(t.name), now); len(p.kept) > 0 && p.feed == nil {
			return false
		}
		if p.feed != nil {
			p.feed.end()
		}
	}
	t.gone = true
	return true
}

// publish publishes a message with the lock, which it unlocks. r and keep are what is
// kept of it, if messages have positions.
func (t *topic) publish(m Message, r Record, keep Retention) (to int, at Position) {
	to = t.members.len()
	d := delivery{topic: t, message: m, to: t.members.roll}
	if t.past != nil {
		at = Position{t.past.at.Epoch, t.past.at.Offset + 1}
		d.post = t.past.add(Entry{r, at, time.Now()}, keep)
		if t.hub.Encode == nil {
			d.post.prepared = m.Prepared
		}
	}
	t.bring(d)
	return to, at
}

// tryEnd is over for those that have no lock.
func (t *topic) tryEnd(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.over(now)
}

// tryJoin is join for those that have no lock. joined is false if the topic is gone.
func (t *topic) tryJoin(m *Member, start Start) (joined, deliver bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone {
		return false, false
	}
	return true, t.join(m, start)
}

// join has a new member get what is after start, with the lock. The caller unlocks the
// topic, and delivers if it is told to.
func (t *topic) join(m *Member, start Start) (deliver bool) {
	if t.past == nil {
		t.members.add(m)
		return false
	}
	if t.past.feed != nil {
		t.past.feed.ask(request{m: m, start: start})
		return false
	}
	t.past.trim(t.hub.retention(t.name), time.Now())
	posts, from, gap := t.past.since(start)
	return t.welcome(m, answer(gap, from), posts)
}

// welcome makes m a member that gets an answer first, and what was before.
func (t *topic) welcome(m *Member, answer *Event, posts []*post) (deliver bool) {
	t.members.add(m)
	if t.past.answers == nil {
		t.past.answers = make(map[*Member]int)
	}
	t.past.answers[m]++
	return t.put(delivery{topic: t, errand: &errand{member: m, answer: answer, posts: posts, at: t.past.at}})
}

// greet delivers what a member was welcomed with.
func (t *topic) greet(e *errand) {
	p := t.past
	p.slow.done = e.at
	delete(p.slow.behind, e.member) // of a membership before
	t.mu.Lock()
	if p.answers[e.member]--; p.answers[e.member] == 0 {
		delete(p.answers, e.member)
	}
	t.mu.Unlock()
	t.replay(e.member, e.answer, e.posts)
}

// answer returns the event that a subscription begins with.
func answer(gap bool, from Position) *Event {
	e := &Event{Kind: EventSubscribed, Entry: Entry{Position: from}}
	if gap {
		e.Kind = EventGap
	}
	return e
}

// remove ends the membership of m.
func (t *topic) remove(m *Member) {
	t.members.remove(m)
	if t.past != nil && t.past.feed != nil {
		t.past.feed.forget(m)
	}
}
