package wshub

import (
	"context"
	"errors"
	"slices"
	"time"
)

// feed brings a topic from the bus, and answers members that subscribe to it, one after
// another: by what is kept at once, and by what the bus tells in turns, for it may fail
// for what one of them wants. All of it but asked is under the lock of the topic.
type feed struct {
	topic   *topic
	ctx     context.Context
	stop    context.CancelFunc
	cancel  func()     // of the subscription; nil: there is none yet
	early   []BusEvent // that have come before it was known where it begins
	pending []*request
	serving bool
	asked   chan struct{} // has a value when somebody has asked
}

// request is a member that is to be answered.
type request struct {
	m     *Member
	start Start
	again *lag // it is a member that has been left behind
	tried bool // what is kept does not suffice
}

func newFeed(t *topic) *feed {
	f := &feed{topic: t, asked: make(chan struct{}, 1)}
	f.ctx, f.stop = context.WithCancel(context.Background())
	return f
}

// ask has a member answered.
func (f *feed) ask(r request) {
	f.pending = append(f.pending, &r)
	if !f.serving {
		f.serving = true
		go f.serve()
	}
	select {
	case f.asked <- struct{}{}:
	default:
	}
}

// askAgain has a member answered that was too slow for what the topic keeps.
func (f *feed) askAgain(m *Member, l lag) {
	t := f.topic
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.members.has(m) {
		t.members.remove(m)
		f.ask(request{m: m, start: Start{After: l.after}, again: &l})
	}
}

// forget drops what a member has asked for.
func (f *feed) forget(m *Member) {
	switch i := slices.IndexFunc(f.pending, func(r *request) bool { return r.m == m }); {
	case i == 0: // as of those that are answered: there may be very many
		f.pending[0] = nil
		f.pending = f.pending[1:]
	case i > 0:
		f.pending = slices.Delete(f.pending, i, i+1)
	}
}

// end ends the feed of a topic that is over.
func (f *feed) end() {
	f.stop()
	if f.cancel != nil {
		go f.cancel() // without our locks
	}
}

// serve answers those that ask, until nobody does.
func (f *feed) serve() {
	if !f.subscribe() {
		return
	}
	for wait := feedLag; ; {
		r, ok := f.next()
		if !ok {
			return
		}
		if f.answer(r) {
			wait = feedLag
			continue
		}
		f.awhile(wait)
		wait = min(2*wait, lastWait)
	}
}

// awhile waits before the bus is asked again, and meanwhile answers those that do not
// need it.
func (f *feed) awhile(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		f.answerNew()
		select {
		case <-f.asked:
		case <-timer.C:
			return
		case <-f.ctx.Done():
			return
		}
	}
}

// next returns the request that has waited longest.
func (f *feed) next() (r *request, ok bool) {
	t := f.topic
	t.mu.Lock()
	defer t.mu.Unlock()
	if f.serving = len(f.pending) > 0 && f.ctx.Err() == nil; !f.serving {
		return r, false
	}
	return f.pending[0], true
}

// waits between attempts to get something from the bus.
const (
	firstWait = 50 * time.Millisecond
	lastWait  = 5 * time.Second
)

// persist calls a function of the bus until that has no error. It reports whether that
// has happened before the feed or the bus has ended.
func (f *feed) persist(call func() error) bool {
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		err := call()
		if err == nil {
			return true
		}
		if errors.Is(err, ErrBusClosed) || f.ctx.Err() != nil {
			return false
		}
		f.topic.hub.counts.retried.Add(1)
		if !f.pause(wait) {
			return false
		}
	}
}

// pause reports whether the feed goes on after a while.
func (f *feed) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-f.ctx.Done():
		return false
	}
}

// subscribe subscribes to the topic, unless that has been done.
func (f *feed) subscribe() bool {
	t := f.topic
	t.mu.Lock()
	done := f.cancel != nil
	t.mu.Unlock()
	return done || f.persist(func() error {
		at, cancel, err := t.hub.Bus.Subscribe(f.ctx, t.name, f.receive)
		if err == nil {
			f.begin(at, cancel)
		}
		return err
	})
}

// begin has the topic begin at a position.
func (f *feed) begin(at Position, cancel func()) {
	t := f.topic
	t.mu.Lock()
	if f.ctx.Err() != nil {
		t.mu.Unlock()
		cancel()
		return
	}
	f.cancel = cancel
	if !at.IsZero() {
		t.past.begin(at)
	}
	early := f.early
	f.early = nil
	mine := false
	for _, e := range early {
		mine = f.take(e) || mine
	}
	t.mu.Unlock()
	if mine {
		t.begin()
	}
}

// receive is the sink of the bus.
func (f *feed) receive(e BusEvent) {
	t := f.topic
	t.lock()
	deliver := false
	switch {
	case f.ctx.Err() != nil:
	case f.cancel == nil:
		f.early = append(f.early, e)
	default:
		deliver = f.take(e)
	}
	t.mu.Unlock()
	if deliver {
		t.begin()
	}
}

// take takes an event of the bus. What has no position gets one: then that of another
// hub means nothing here, and the other way round.
func (f *feed) take(e BusEvent) (deliver bool) {
	t := f.topic
	p := t.past
	unnumbered := e.Position.IsZero()
	switch {
	case e.Gap && unnumbered:
		return f.gap(Position{Epoch: newEpoch()})
	case e.Gap:
		return f.gap(e.Position)
	case unnumbered:
		e.Position = Position{p.at.Epoch, p.at.Offset + 1}
		e.Time = time.Now()
	case e.Position.Epoch != p.at.Epoch: // the bus should have said so
		deliver = f.gap(Position{e.Position.Epoch, e.Position.Offset - 1})
	case e.Position.Offset <= p.at.Offset:
		return false // it has been here
	}
	post := p.add(e.Entry, t.hub.retention(t.name))
	return t.put(delivery{topic: t, post: post, to: t.members.roll}) || deliver
}

// gap begins anew, and has all members told.
func (f *feed) gap(at Position) (deliver bool) {
	t := f.topic
	t.past.begin(at)
	return t.put(delivery{topic: t, to: t.members.roll, errand: &errand{answer: answer(true, at), at: at}})
}
