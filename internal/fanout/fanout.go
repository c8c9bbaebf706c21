// Package fanout gives what one consumer of a broker receives to the subscriptions
// of a node. It is what buses of package wshub have in common that meet at a broker.
package fanout

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/wirews/wirews/wshub"
)

// Shard is the subscriptions of the topics that one consumer receives. The zero value
// is ready. Begin, Deliver and Gap are for the goroutine of the consumer, and call
// sinks; all other methods may be called by any goroutine.
type Shard struct {
	mu     sync.Mutex
	at     wshub.Position // of what was delivered last, of whatever topic
	topics map[string][]*subscription
	moved  chan struct{} // closed when at changes; nil: nobody waits for that
}

// subscription is one of a topic. It gets what is after a position.
type subscription struct {
	sink  wshub.Sink
	ended atomic.Bool
	from  wshub.Position // changed with the lock of the Shard only
}

// Begin says from where the consumer receives, before anything else.
func (s *Shard) Begin(at wshub.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.move(at)
}

func (s *Shard) move(at wshub.Position) {
	s.at = at
	if s.moved != nil {
		close(s.moved)
		s.moved = nil
	}
}

// Await waits until the consumer has received what is at a position, or something
// after it. It returns false if ctx ends before, or the epoch does.
func (s *Shard) Await(ctx context.Context, at wshub.Position) bool {
	for {
		s.mu.Lock()
		now := s.at
		if s.moved == nil {
			s.moved = make(chan struct{})
		}
		moved := s.moved
		s.mu.Unlock()
		if now.Epoch != at.Epoch || now.Offset >= at.Offset {
			return now.Epoch == at.Epoch
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return false
		}
	}
}

// At returns the position of what was delivered last.
func (s *Shard) At() wshub.Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

// Subscribe adds a subscription of a topic that begins after a position, which the
// broker has told as the present one, or later: what has been delivered since then
// is not delivered to it. from is where it begins.
func (s *Shard) Subscribe(topic string, at wshub.Position, sink wshub.Sink) (from wshub.Position, cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at.Epoch != s.at.Epoch || at.Offset < s.at.Offset {
		at = s.at // in another epoch: a gap is about to be told
	}
	if s.topics == nil {
		s.topics = make(map[string][]*subscription)
	}
	sub := &subscription{sink: sink, from: at}
	s.topics[topic] = append(slices.Clip(s.topics[topic]), sub)
	return at, func() { s.cancel(topic, sub) }
}

func (s *Shard) cancel(topic string, sub *subscription) {
	if sub.ended.Swap(true) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(s.topics[topic]), func(other *subscription) bool { return other == sub })
	if s.topics[topic] = left; len(left) == 0 {
		delete(s.topics, topic)
	}
}

// End ends all subscriptions.
func (s *Shard) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, subs := range s.topics {
		for _, sub := range subs {
			sub.ended.Store(true)
		}
	}
	s.topics = nil
}

// Topics returns those that there are subscriptions of.
func (s *Shard) Topics() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, 0, len(s.topics))
	for name := range s.topics {
		names = append(names, name)
	}
	return names
}

// Deliver delivers an entry of a topic.
func (s *Shard) Deliver(topic string, e wshub.Entry) {
	for _, sub := range s.passed(topic, e.Position) {
		sub.call(wshub.BusEvent{Entry: e})
	}
}

// Pass says that the consumer has received something, at a position, that is of no
// topic.
func (s *Shard) Pass(at wshub.Position) { s.passed("", at) }

// passed notes a position and returns who gets what is there.
func (s *Shard) passed(topic string, at wshub.Position) (to []*subscription) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.move(at)
	all := s.topics[topic]
	if !slices.ContainsFunc(all, func(sub *subscription) bool { return sub.has(at) }) {
		return all
	}
	for _, sub := range all {
		if !sub.has(at) {
			to = append(to, sub)
		}
	}
	return to
}

// has reports whether a subscription begins after a position. One that is zero is of
// a broker that gives none.
func (sub *subscription) has(at wshub.Position) bool {
	return !at.IsZero() && at.Epoch == sub.from.Epoch && at.Offset <= sub.from.Offset
}

// Gap tells the subscriptions of a topic that records may have been lost, and that
// they get what is after a position.
func (s *Shard) Gap(topic string, at wshub.Position) {
	s.mu.Lock()
	var subs []*subscription
	for _, sub := range s.topics[topic] {
		if !sub.has(at) { // or it has begun after what was lost
			sub.from = at
			subs = append(subs, sub)
		}
	}
	s.mu.Unlock()
	for _, sub := range subs {
		sub.call(wshub.BusEvent{Entry: wshub.Entry{Position: at}, Gap: true})
	}
}

// GapOfAll tells those of all topics.
func (s *Shard) GapOfAll(at wshub.Position) {
	s.Pass(at)
	for _, topic := range s.Topics() {
		s.Gap(topic, at)
	}
}

func (sub *subscription) call(e wshub.BusEvent) {
	if !sub.ended.Load() {
		sub.sink(e)
	}
}
