package wshub

import "sync"

// Member is a subscriber that has joined a hub.
type Member struct {
	hub  *Hub
	name string
	to   Subscriber

	mu     sync.Mutex
	topics map[string]struct{}
	left   bool
}

// Join makes a member of a subscriber. The name is what SendTo finds it by, such as
// the id of its user; other members may have the same one. Empty: SendTo does not
// find it. Call Leave in the end.
func (h *Hub) Join(s Subscriber, name string) *Member {
	m := &Member{hub: h, name: name, to: s}
	h.members.Add(1)
	if name != "" {
		h.names.add(name, m)
	}
	return m
}

// Name returns the name that the member has joined by.
func (m *Member) Name() string { return m.name }

// Subscribe has the member get what is published to a topic from now on. It does
// nothing if it does already, or has left.
func (m *Member) Subscribe(topic string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, subscribed := m.topics[topic]; subscribed || m.left {
		return
	}
	if m.topics == nil {
		m.topics = make(map[string]struct{})
	}
	m.topics[topic] = struct{}{}
	m.hub.topics.add(topic, m)
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
