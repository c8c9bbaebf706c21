package wshub

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wirews/wirews/ws"
)

// MemoryBroker is what the buses of hubs in one process meet at: for programs with
// several hubs, and for tests of what is to run on several machines. The zero value is
// ready and keeps no history. It must not be copied.
type MemoryBroker struct {
	// Retain says how much of a topic is kept. nil: nothing. It must not be changed once
	// there is a bus, and is called with locks held.
	Retain func(topic string) Retention

	once   sync.Once
	epoch  uint64
	last   atomic.Uint64 // offset, of all topics
	mu     sync.Mutex
	topics map[string]*memoryTopic
	swept  int // how many topics were left the last time
}

// Bus returns a new bus of the broker, as a connection to one would be.
func (b *MemoryBroker) Bus() *MemoryBus {
	b.once.Do(func() {
		b.epoch = newEpoch()
		b.topics = make(map[string]*memoryTopic)
	})
	return &MemoryBus{broker: b}
}

// MemoryBus is a [Bus] within a process. The methods of Bus have their documentation.
type MemoryBus struct {
	broker *MemoryBroker
	mu     sync.Mutex
	closed bool
	subs   []*memorySub
}

// memoryTopic is the sequencer of a topic.
type memoryTopic struct {
	line[memoryEvent]
	history history
	subs    []*memorySub // never changed, but replaced
	gone    bool         // it is no topic of the broker any more
}

// memorySub is a subscription.
type memorySub struct {
	topic string
	sink  Sink
	ended atomic.Bool
}

// memoryEvent is an event, and the subscriptions at the time of it.
type memoryEvent struct {
	event BusEvent
	to    []*memorySub
}

func (e memoryEvent) do(steps *atomic.Uint32) {
	for _, s := range e.to {
		if !s.ended.Load() {
			s.sink(e.event)
		}
		steps.Add(1)
	}
}

// locked returns a topic, locked by one of the two: lock waits for room.
func (b *MemoryBroker) locked(name string, lock func(t *memoryTopic)) *memoryTopic {
	for {
		t := b.topic(name)
		lock(t)
		if !t.gone {
			return t
		}
		t.mu.Unlock()
	}
}

func withRoom(t *memoryTopic) { t.lock() }
func atOnce(t *memoryTopic)   { t.mu.Lock() }

func (b *MemoryBroker) topic(name string) *memoryTopic {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.topics[name]
	if t == nil {
		if len(b.topics) >= 2*b.swept+minSweep {
			b.sweep()
		}
		t = new(memoryTopic)
		t.history.begin(Position{b.epoch, b.last.Load()})
		b.topics[name] = t
	}
	return t
}

// minSweep is how many topics there may be without any being swept.
const minSweep = 64

// sweep removes the topics that have neither subscriptions nor history. It is called
// when there are twice as many as were left before.
func (b *MemoryBroker) sweep() {
	now := time.Now()
	for name, t := range b.topics {
		keep := b.retention(name)
		t.mu.Lock()
		t.history.trim(keep, now)
		if len(t.subs) == 0 && len(t.history.kept) == 0 && !t.busy {
			t.gone = true
			delete(b.topics, name)
		}
		t.mu.Unlock()
	}
	b.swept = len(b.topics)
}

func (b *MemoryBroker) retention(topic string) Retention {
	if b.Retain == nil {
		return Retention{}
	}
	return b.Retain(topic)
}

// Publish appends a record to a topic.
func (b *MemoryBus) Publish(ctx context.Context, topic string, r Record) (Position, error) {
	if err := b.takes(ctx, topic); err != nil {
		return Position{}, err
	}
	if r.Op != ws.OpText && r.Op != ws.OpBinary {
		return Position{}, ErrRecord
	}
	keep := b.broker.retention(topic)
	t := b.broker.locked(topic, withRoom)
	e := Entry{r, Position{b.broker.epoch, b.broker.last.Add(1)}, time.Now()}
	t.history.add(e, keep)
	t.bring(memoryEvent{BusEvent{Entry: e}, t.subs})
	return e.Position, nil
}

// Subscribe subscribes to a topic.
func (b *MemoryBus) Subscribe(ctx context.Context, topic string, sink Sink) (at Position, cancel func(), err error) {
	if err := b.takes(ctx, topic); err != nil {
		return Position{}, nil, err
	}
	s := &memorySub{topic: topic, sink: sink}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return Position{}, nil, ErrBusClosed
	}
	b.subs = append(b.subs, s)
	t := b.broker.locked(topic, atOnce)
	defer t.mu.Unlock()
	t.subs = append(slices.Clip(t.subs), s)
	return t.history.at, func() { b.cancel(s) }, nil
}

func (b *MemoryBus) cancel(s *memorySub) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.Index(b.subs, s); i >= 0 {
		b.subs = slices.Delete(b.subs, i, i+1)
		b.broker.end(s)
	}
}

// end has nothing more delivered to a subscription.
func (b *MemoryBroker) end(s *memorySub) {
	s.ended.Store(true)
	t := b.locked(s.topic, atOnce)
	defer t.mu.Unlock()
	t.subs = slices.DeleteFunc(slices.Clone(t.subs), func(other *memorySub) bool { return other == s })
}

// History returns what there is in a topic.
func (b *MemoryBus) History(ctx context.Context, topic string, start Start) (Replay, error) {
	if err := b.takes(ctx, topic); err != nil {
		return Replay{}, err
	}
	keep := b.broker.retention(topic)
	t := b.broker.locked(topic, atOnce)
	defer t.mu.Unlock()
	t.history.trim(keep, time.Now())
	return t.history.replay(start), nil
}

// Ping returns nil until the bus is closed.
func (b *MemoryBus) Ping(ctx context.Context) error { return b.usable(ctx) }

// Close ends the subscriptions of this bus. Those of others go on.
func (b *MemoryBus) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for _, s := range b.subs {
		b.broker.end(s)
	}
	b.subs = nil
	return nil
}

// takes returns why a call for a topic cannot be made.
func (b *MemoryBus) takes(ctx context.Context, topic string) error {
	if err := CheckTopic(topic); err != nil {
		return err
	}
	return b.usable(ctx)
}

func (b *MemoryBus) usable(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return ErrBusClosed
	}
	return context.Cause(ctx)
}
