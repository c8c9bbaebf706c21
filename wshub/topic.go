package wshub

import "sync/atomic"

// topic has an order and members. Messages are delivered by one goroutine at a
// time, without the lock: a publisher that comes while another one delivers leaves
// its message to that.
type topic struct {
	line[delivery]
	members members
}

// delivery is a message, and the members at the time when it was published.
type delivery struct {
	message Message
	to      roll
	counts  *counts
}

func newTopic() *topic { return new(topic) }

func (t *topic) add(m *Member) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.members.add(m)
}

func (t *topic) remove(m *Member) (left int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.members.remove(m)
	return t.members.len()
}

func (t *topic) size() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.members.len()
}

func (t *topic) publish(m Message, c *counts) (to int) {
	t.lock()
	to = t.members.len()
	t.bring(delivery{m, t.members.roll, c})
	return to
}

func (d delivery) do(steps *atomic.Uint32) {
	var delivered, refused int64
	defer func() {
		d.counts.delivered.Add(delivered)
		d.counts.refused.Add(refused)
	}()
	for _, part := range d.to {
		for _, m := range *part {
			steps.Add(1)
			switch {
			case m == d.message.Except:
			case m.to.Deliver(d.message.Prepared, d.message.Key) == nil:
				delivered++
			default:
				refused++
			}
		}
	}
}
