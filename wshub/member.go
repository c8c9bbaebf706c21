package wshub

import "sync"

// Member is a subscriber that has joined a hub.
type Member struct {
	hub  *Hub
	name string
	to   Subscriber
	id   uint64 // no other member of any hub has it

	mu     sync.Mutex
	topics map[string]struct{}
	left   bool
}

// Join makes a member of a subscriber. The name is what SendTo finds it by, such as
// the id of its user; other members may have the same one. Empty: SendTo does not
// find it. Call Leave in the end.
func (h *Hub) Join(s Subscriber, name string) *Member {
	m := &Member{hub: h, name: name, to: s, id: newEpoch()}
	h.members.Add(1)
	if name != "" {
		h.names.join(h, name, m, Start{})
	}
	return m
}

// Name returns the name that the member has joined by.
func (m *Member) Name() string { return m.name }

// Subscribe has the member get what is published to a topic from now on. It does
// nothing if it does already, or has left. The error is a [*TopicError], and only with a
// [Bus].
func (m *Member) Subscribe(topic string) error { return m.SubscribeFrom(topic, Start{}) }

// SubscribeFrom is Subscribe with what has been published before: since the position of
// what the client had last, or the latest messages. The answer is the first event that
// the member gets of the topic: EventSubscribed, if what follows is everything after its
// position, or EventGap. It waits for nobody: with a [Bus], the answer comes once that
// has told.
func (m *Member) SubscribeFrom(topic string, start Start) error {
	if m.hub.Bus != nil {
		if err := CheckTopic(topic); err != nil {
			return err
		}
	}
	m.hub.retention(topic) // if it panics, there is no topic that would have it panic again
	if t := m.join(topic, start); t != nil {
		t.begin()
	}
	return nil
}

// join returns the topic if something is to be delivered there.
func (m *Member) join(name string, start Start) *topic {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, subscribed := m.topics[name]; subscribed || m.left {
		return nil
	}
	if m.topics == nil {
		m.topics = make(map[string]struct{})
	}
	t := m.hub.topics.join(m.hub, name, m, start)
	m.topics[name] = struct{}{}
	return t
}

// Unsubscribe undoes Subscribe.
func (m *Member) Unsubscribe(topic string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, subscribed := m.topics[topic]; subscribed {
		delete(m.topics, topic)
		m.hub.topics.remove(topic, m)
	}
}

// Leave ends all subscriptions of the member, for good. It may be called more than
// once.
func (m *Member) Leave() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left {
		return
	}
	m.left = true
	for topic := range m.topics {
		m.hub.topics.remove(topic, m)
	}
	m.topics = nil
	if m.name != "" {
		m.hub.names.remove(m.name, m)
	}
	m.hub.members.Add(-1)
}
