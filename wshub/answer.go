package wshub

import (
	"slices"
	"time"
)

// answer answers a member: by what the topic keeps, or else by what the bus does. It
// goes on until the bus has told, however long that takes, or the member is gone.
func (f *feed) answer(r request) {
	if f.answered(r, nil) {
		return
	}
	for wait := feedLag; ; wait = min(2*wait, lastWait) {
		var replay Replay
		told := f.persist(func() (err error) {
			replay, err = f.topic.hub.Bus.History(f.ctx, f.topic.name, r.start)
			return err
		})
		if !told || !f.reach(&replay) {
			f.topic.mu.Lock()
			f.forget(r.m)
			f.topic.mu.Unlock()
			return
		}
		if f.answered(r, &replay) || !f.pause(wait) {
			return
		}
	}
}

// feedLag is how long is waited at first for what the bus knows and has not brought yet.
const feedLag = 10 * time.Millisecond

// reach finds out whether the topic is as far as a replay that begins later than what the
// bus has brought. A bus may count the messages of many topics together, so a topic that
// nobody publishes to stays at an old position, and waiting for it would have no end. If
// nothing of the topic is between, it is quiet until there; if the bus does not know any
// more, that is a gap for all members. It reports whether the feed goes on.
func (f *feed) reach(told *Replay) bool {
	t := f.topic
	t.mu.Lock()
	at, reached := t.past.at, t.past.reached()
	t.mu.Unlock()
	if told.From.Epoch != at.Epoch || told.From.Offset <= reached {
		return true
	}
	var since Replay
	if !f.persist(func() (err error) {
		since, err = t.hub.Bus.History(f.ctx, t.name, Start{After: at})
		return err
	}) {
		return false
	}
	if since.At.Epoch != at.Epoch || since.At.Offset < told.From.Offset {
		return true // whoever has answered is late itself
	}
	if len(since.Entries) > 0 && since.Entries[0].Position.Offset <= told.From.Offset {
		return true // the bus is about to bring it
	}
	t.mu.Lock()
	deliver := false
	switch {
	case t.past.at != at: // it has brought something meanwhile
	case since.Gap:
		deliver = f.gap(told.From)
	default:
		t.past.quiet = told.From.Offset
	}
	t.mu.Unlock()
	if deliver {
		t.begin()
	}
	return true
}

// answered answers a member if that can be done without a hole and without giving it
// anything twice. It reports whether it has, or there is none any more.
func (f *feed) answered(r request, replay *Replay) bool {
	t := f.topic
	t.mu.Lock()
	if !f.asks(r.m) {
		t.mu.Unlock()
		return true
	}
	keep := t.hub.retention(t.name)
	t.past.trim(keep, time.Now())
	posts, from, gap, ok := t.past.find(r.start, replay, keep)
	if !ok {
		t.mu.Unlock()
		return false
	}
	f.forget(r.m)
	deliver := t.welcome(r.m, r.told(gap, from), posts)
	t.mu.Unlock()
	if deliver {
		t.begin()
	}
	return true
}

// told returns the answer to a request, or nil if none is due.
func (r *request) told(gap bool, from Position) *Event {
	if r.again != nil && !gap {
		return r.again.answer // the same that it has not taken before, if it was one
	}
	return answer(gap, from)
}

// asks reports whether a member waits for an answer.
func (f *feed) asks(m *Member) bool {
	for _, r := range f.pending {
		if r.m == m {
			return true
		}
	}
	return false
}

// find returns what a member with this start gets, from what is kept and from what the
// bus has told, if it has. ok is false if that does not suffice.
func (p *past) find(start Start, told *Replay, keep Retention) (posts []*post, from Position, gap, ok bool) {
	if p.knows(start) {
		posts, from, gap = p.since(start)
		return posts, from, gap, true
	}
	switch {
	case told == nil:
		return nil, from, false, false
	case told.At.IsZero(): // the bus keeps nothing
		posts, from, gap = p.since(start)
		return posts, from, gap, true
	case told.At.Epoch != p.at.Epoch || told.At.Offset < p.from.Offset || told.From.Offset > p.reached():
		return nil, from, false, false // one of them is late
	}
	older := p.older(told.Entries)
	if len(older) == 0 && told.From.Offset >= p.from.Offset {
		return slices.Clone(p.after(told.From.Offset)), told.From, told.Gap, true
	}
	posts = slices.Concat(older, p.kept)
	p.extend(older, told.From, keep)
	return posts, told.From, told.Gap, true
}

// knows reports whether what is kept says what a member with this start gets.
func (h *history) knows(start Start) bool {
	if start.After.IsZero() {
		return start.Last <= len(h.kept)
	}
	return h.has(start.After)
}

// older returns what the bus has told that is from before what is kept.
func (h *history) older(entries []Entry) (posts []*post) {
	prev := Position{}
	for _, e := range entries {
		if e.Position.Offset > h.from.Offset {
			break
		}
		if prev.IsZero() {
			prev = Position{e.Position.Epoch, e.Position.Offset - 1}
		}
		posts = append(posts, &post{Entry: e, prev: prev})
		prev = e.Position
	}
	return posts
}
