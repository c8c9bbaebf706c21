package wshub

import "sync"

// topic has an order and members. Messages are delivered by one goroutine at a
// time, without the lock: a publisher that comes while another one delivers leaves
// its message to that.
type topic struct {
	mu         sync.Mutex
	members    members
	waiting    []delivery // of publishers that have found another one delivering
	delivering bool
	room       sync.Cond // fewer than maxWaiting wait
}

// delivery is a message, and the members at the time when it was published.
type delivery struct {
	message Message
	to      roll
	counts  *counts
}

// maxWaiting is how many messages wait for one publisher to deliver them. More
// publishers than can be served wait themselves.
const maxWaiting = 256

// maxForOthers is how many messages of others a publisher delivers before it leaves
// the rest to a goroutine: it has something else to do.
const maxForOthers = 16

func newTopic() *topic {
	t := new(topic)
	t.room.L = &t.mu
	return t
}

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
	t.mu.Lock()
	for len(t.waiting) >= maxWaiting {
		t.room.Wait()
	}
	to = t.members.len()
	t.waiting = append(t.waiting, delivery{m, t.members.roll, c})
	if t.delivering {
		t.mu.Unlock()
		return to
	}
	t.delivering = true
	t.mu.Unlock()
	t.deliver(1 + maxForOthers)
	return to
}

// deliver delivers what waits, in the order in which it was published: n messages
// at most, and the others in a goroutine. If n is negative, it delivers all.
func (t *topic) deliver(n int) {
	finished := false
	defer func() {
		if !finished { // or a Subscriber has panicked, and others of this message have not got it
			go t.deliver(-1)
		}
	}()
	for ; n != 0; n-- {
		d, ok := t.next()
		if !ok {
			finished = true
			return
		}
		d.deliver()
	}
}

// next returns what is to be delivered next. If there is nothing, nobody delivers
// any more.
func (t *topic) next() (d delivery, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 {
		t.delivering = false
		return d, false
	}
	d = t.waiting[0]
	copy(t.waiting, t.waiting[1:])
	t.waiting[len(t.waiting)-1] = delivery{}
	t.waiting = t.waiting[:len(t.waiting)-1]
	t.room.Signal()
	return d, true
}

func (d *delivery) deliver() {
	var delivered, refused int64
	defer func() {
		d.counts.delivered.Add(delivered)
		d.counts.refused.Add(refused)
	}()
	for _, part := range d.to {
		for _, m := range *part {
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
