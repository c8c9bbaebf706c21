package wshub

import (
	"errors"
	"slices"
	"time"
)

// answer answers a member: by what the topic keeps, or else by what the bus does. It
// reports false if the bus has failed, or has not brought what it knows: then it is the
// turn of the others, for as long as the member waits for it.
func (f *feed) answer(r *request) bool {
	if f.answered(r, nil) {
		return true
	}
	replay, err := f.topic.hub.Bus.History(f.ctx, f.topic.name, r.start)
	if err == nil {
		err = f.reach(&replay)
	}
	if err == nil && f.answered(r, &replay) {
		return true
	}
	f.topic.mu.Lock()
	defer f.topic.mu.Unlock()
	if !slices.Contains(f.pending, r) {
		return true
	}
	if f.forget(r.m); errors.Is(err, ErrBusClosed) {
		return true
	}
	if err != nil && f.ctx.Err() == nil {
		f.topic.hub.counts.retried.Add(1)
	}
	f.pending = append(f.pending, r)
	return false
}

// answerNew answers those among the new ones that ask for nothing but what the topic
// keeps: they need not wait for the bus.
func (f *feed) answerNew() {
	var fresh []*request
	f.topic.mu.Lock()
	for _, r := range f.pending {
		if !r.tried {
			fresh = append(fresh, r)
		}
	}
	f.topic.mu.Unlock()
	for _, r := range fresh {
		f.answered(r, nil)
	}
}

// feedLag is how long is waited at first for what the bus knows and has not brought yet.
const feedLag = 10 * time.Millisecond

// reach finds out whether the topic is as far as a replay that begins later than what the
// bus has brought. A bus may count the messages of many topics together, so a topic that
// nobody publishes to stays at an old position, and waiting for it would have no end. If
// nothing of the topic is between, it is quiet until there; if the bus does not know any
// more, that is a gap for all members.
func (f *feed) reach(told *Replay) error {
	t := f.topic
	t.mu.Lock()
	at, reached := t.past.at, t.past.reached()
	t.mu.Unlock()
	if told.From.Epoch != at.Epoch || told.From.Offset <= reached {
		return nil
	}
	since, err := t.hub.Bus.History(f.ctx, t.name, Start{After: at})
	if err != nil {
		return err
	}
	if since.At.Epoch != at.Epoch || since.At.Offset < told.From.Offset {
		return nil // whoever has answered is late itself
	}
	if len(since.Entries) > 0 && since.Entries[0].Position.Offset <= told.From.Offset {
		return nil // the bus is about to bring it
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
	return nil
}

// answered answers a member if that can be done without a hole and without giving it
// anything twice. It reports whether it has, or there is none any more.
func (f *feed) answered(r *request, replay *Replay) bool {
	t := f.topic
	t.mu.Lock()
	if !slices.Contains(f.pending, r) {
		t.mu.Unlock()
		return true
	}
	r.tried = true
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
	return slices.ContainsFunc(f.pending, func(r *request) bool { return r.m == m })
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
