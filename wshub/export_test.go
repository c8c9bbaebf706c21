package wshub

// BrokerTopics returns how many topics a broker knows.
func BrokerTopics(b *MemoryBroker) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.topics)
}
