package wshub

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// Hub has topics and members. The zero value is ready; it must not be copied.
type Hub struct {
	topics, names space
	members       atomic.Int64
	counts        counts
}

// Stats is how a hub is, and what it has done since it began.
type Stats struct {
	Members   int64 `json:"members"`   // that have joined and not left
	Topics    int64 `json:"topics"`    // that somebody is subscribed to
	Published int64 `json:"published"` // messages, also those for which nobody was there
	Delivered int64 `json:"delivered"` // messages to members, each counted
	Refused   int64 `json:"refused"`   // deliveries that have returned an error
}

// counts are those of all topics.
type counts struct{ published, delivered, refused atomic.Int64 }

// Stats returns how the hub is.
func (h *Hub) Stats() Stats {
	return Stats{
		Members:   h.members.Load(),
		Topics:    h.topics.size(),
		Published: h.counts.published.Load(),
		Delivered: h.counts.delivered.Load(),
		Refused:   h.counts.refused.Load(),
	}
}

// Publish sends m to the members of a topic, and returns how many those are. When
// it returns, m is in their queues, or somebody else who publishes to the same topic
// is about to put it there.
func (h *Hub) Publish(topic string, m Message) int {
	return h.topics.publish(topic, m, &h.counts)
}

// SendTo sends m to the members that have joined by a name, and returns how many
// those are. Else it is as Publish.
func (h *Hub) SendTo(name string, m Message) int {
	return h.names.publish(name, m, &h.counts)
}

// Subscribers returns how many members a topic has.
func (h *Hub) Subscribers(topic string) int { return h.topics.subscribers(topic) }

// space is topics by their names, in parts that each have a lock: programs have
// many topics, and members come and go.
type space struct{ shards [shards]shard }

const shards = 64

type shard struct {
	mu     sync.RWMutex
	topics map[string]*topic
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

func (s *space) publish(name string, m Message, c *counts) int {
	c.published.Add(1)
	if t := s.find(name); t != nil {
		return t.publish(m, c)
	}
	return 0
}

// add makes m a member of a topic, which is made if it is the first.
func (s *space) add(name string, m *Member) {
	sh := s.shard(name)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	t := sh.topics[name]
	if t == nil {
		if sh.topics == nil {
			sh.topics = make(map[string]*topic)
		}
		t = newTopic()
		sh.topics[name] = t
	}
	t.add(m)
}

// remove undoes add. A topic goes with its last member.
func (s *space) remove(name string, m *Member) {
	sh := s.shard(name)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if t := sh.topics[name]; t != nil && t.remove(m) == 0 {
		delete(sh.topics, name)
	}
}
