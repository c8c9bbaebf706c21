package wshub

import (
	"hash/maphash"
	"sync"
	"time"
)

// space is topics by their names, in parts that each have a lock: programs have
// many topics, and members come and go.
type space struct{ shards [shards]shard }

const shards = 64

type shard struct {
	mu     sync.RWMutex
	topics map[string]*topic
	swept  int // how many were left the last time
}

var seed = maphash.MakeSeed()

func (s *space) shard(name string) *shard {
	return &s.shards[maphash.String(seed, name)%shards]
}

func (s *space) size() (n int64) {
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.RLock()
		n += int64(len(sh.topics))
		sh.mu.RUnlock()
	}
	return n
}

func (s *space) find(name string) *topic {
	sh := s.shard(name)
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	return sh.topics[name]
}

func (s *space) subscribers(name string) int {
	if t := s.find(name); t != nil {
		return t.size()
	}
	return 0
}

// publish publishes to a topic, which is made if there is none and make says so.
func (s *space) publish(h *Hub, name string, m Message, create bool) (to int, at Position) {
	h.counts.published.Add(1)
	for {
		t := s.find(name)
		if t == nil && create {
			t = s.obtain(h, name)
		}
		if t == nil {
			return 0, at
		}
		var r Record
		var keep Retention
		if t.past != nil { // these may panic, and then nothing must be locked
			r, keep = m.record(), h.retention(name)
		}
		t.lock()
		if !t.gone {
			return t.publish(m, r, keep)
		}
		t.mu.Unlock()
	}
}

// obtain returns a topic, which is made if there is none.
func (s *space) obtain(h *Hub, name string) *topic {
	sh := s.shard(name)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	t := sh.topics[name]
	if t == nil {
		if len(sh.topics) >= 2*sh.swept+minSweep {
			sh.sweep()
		}
		if sh.topics == nil {
			sh.topics = make(map[string]*topic)
		}
		t = newTopic(h, name, s == &h.topics)
		sh.topics[name] = t
	}
	return t
}

// join makes m a member of a topic, which is made if there is none. It returns the
// topic if the caller has to have something delivered, once it has no lock any more.
func (s *space) join(h *Hub, name string, m *Member, start Start) *topic {
	for {
		t := s.obtain(h, name)
		joined, deliver := t.tryJoin(m, start)
		switch {
		case deliver:
			return t
		case joined:
			return nil
		}
	}
}

// remove ends the membership of m in a topic. That goes with its last member, unless
// something is kept of it.
func (s *space) remove(name string, m *Member) {
	sh := s.shard(name)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	t := sh.topics[name]
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.remove(m)
	if t.over(time.Now()) {
		delete(sh.topics, name)
	} else if t.busy && t.count() == 0 {
		s.removeLater(t)
	}
}

// removeLater removes a topic, if it is over then, when what waits has been delivered. It
// needs the lock of the topic, on which somebody is at it.
func (s *space) removeLater(t *topic) {
	t.put(delivery{topic: t, errand: &errand{then: func() {
		sh := s.shard(t.name)
		sh.mu.Lock()
		defer sh.mu.Unlock()
		t.mu.Lock()
		defer t.mu.Unlock()
		switch {
		case t.gone || t.count() > 0:
		case len(t.waiting) > t.taken:
			s.removeLater(t)
		case t.ends(time.Now()):
			delete(sh.topics, t.name)
		}
	}}})
}

// sweep removes the topics that are over. It is called when there are twice as many
// as were left before: so no clock has to look after each.
func (sh *shard) sweep() {
	now := time.Now()
	for name, t := range sh.topics {
		if t.tryEnd(now) {
			delete(sh.topics, name)
		}
	}
	sh.swept = len(sh.topics)
}
