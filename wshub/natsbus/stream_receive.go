package natsbus

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wirews/wirews/wshub"
)

// run receives until ctx ends. Whatever goes wrong, it begins anew after what it has
// delivered last.
func (s *stream) run(ctx context.Context) {
	for ctx.Err() == nil {
		once, cancel := context.WithCancel(ctx)
		s.mu.Lock()
		s.restart = cancel
		s.mu.Unlock()
		s.receive(once) // its error is what has gone wrong, and comes again if it lasts
		cancel()
		pause(ctx, retryAfter)
	}
}

// again has the stream be received anew.
func (s *stream) again() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.restart != nil {
		s.restart()
	}
}

// heartbeat is how often the broker says that there is nothing. Without two of them the
// consumer counts as lost.
const heartbeat = time.Second

// receive delivers what comes after what was delivered last, until something goes
// wrong or ctx ends.
func (s *stream) receive(ctx context.Context) error {
	c, err := s.consume(ctx)
	if err != nil {
		return err
	}
	defer s.forget(c)
	it, err := c.Messages(jetstream.PullMaxMessages(500), jetstream.PullExpiry(10*heartbeat), jetstream.PullHeartbeat(heartbeat))
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, it.Stop)()
	defer it.Stop()
	for next := uint64(1); ; next++ {
		m, err := it.Next()
		if err != nil {
			return err
		}
		meta, err := m.Metadata()
		if err != nil {
			return err
		}
		if meta.Sequence.Consumer != next {
			return errSkipped
		}
		if err := s.catchUp(ctx, meta.Sequence.Stream); err != nil {
			return err
		}
		s.deliver(m.Subject(), m.Data(), meta)
		s.last = meta.Timestamp
	}
}

var errSkipped = errors.New("natsbus: a message on the way to a consumer was lost")

func (s *stream) deliver(subject string, data []byte, meta *jetstream.MsgMetadata) {
	e, topic, ok := s.entry(subject, data, meta)
	if ok {
		s.fan.Deliver(topic, e)
	} else {
		s.fan.Pass(e.Position)
	}
}

// catchUp is called before a message is delivered. If others have been dropped that were
// to come before it, because this node is too slow, it tells their topics.
func (s *stream) catchUp(ctx context.Context, offset uint64) error {
	last := s.fan.At()
	if offset == last.Offset+1 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	st, err := s.look(ctx, func(epoch uint64) string { return s.subjects(epoch) + "*" })
	if err != nil {
		return err
	}
	return s.tellLosses(ctx, st, last, 0)
}

// entry returns a message as an entry of a topic, if it is one.
func (s *stream) entry(subject string, data []byte, meta *jetstream.MsgMetadata) (e wshub.Entry, topic string, ok bool) {
	e.Position.Offset, e.Time = meta.Sequence.Stream, meta.Timestamp
	e.Position.Epoch, _ = s.epochOf(subject)
	topic, ok = topicOf(subject)
	r, err := wshub.ParseRecord(data)
	e.Record = r
	return e, topic, ok && err == nil
}

// consume makes a consumer that begins after what was delivered last, and tells the
// topics of which something has been lost since.
func (s *stream) consume(ctx context.Context) (jetstream.Consumer, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	st, err := s.look(ctx, nil)
	if err != nil {
		return nil, err
	}
	last := s.fan.At()
	if s.last.IsZero() {
		s.last = st.now
	}
	if st.at.Epoch != last.Epoch || st.at.Offset < last.Offset {
		s.fan.GapOfAll(st.at)
		last, s.last = st.at, st.now
	}
	c, err := st.stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       last.Offset + 1,
		AckPolicy:         jetstream.AckNonePolicy,
		MemoryStorage:     true,
		Replicas:          1,
		InactiveThreshold: 30 * time.Second,
	})
	if err != nil {
		return nil, err
	}
	if st, err = s.look(ctx, func(epoch uint64) string { return s.subjects(epoch) + "*" }); err == nil {
		err = s.tellLosses(ctx, st, last, c.CachedInfo().NumPending)
	}
	if err != nil {
		s.forget(c)
		return nil, err
	}
	return c, nil
}

// tellLosses tells each topic of which something after a position has been dropped
// already. pending is how many messages there were after it.
func (s *stream) tellLosses(ctx context.Context, st state, after wshub.Position, pending uint64) error {
	if st.at.Epoch != after.Epoch {
		return errEpoch
	}
	if pending >= st.at.Offset-after.Offset {
		return nil // all of them
	}
	for _, topic := range s.fan.Topics() {
		name, _ := token(topic)
		complete, err := s.complete(ctx, st, name, after.Offset, s.last)
		if err != nil {
			return err
		}
		if !complete {
			s.fan.Gap(topic, st.at)
		}
	}
	return nil
}

// complete reports whether everything of a topic after an offset was kept at the time
// of a state. since is not after anything that has followed the offset, or zero.
func (s *stream) complete(ctx context.Context, st state, name string, after uint64, since time.Time) (bool, error) {
	subject := s.subjects(st.at.Epoch) + name
	n := st.counts[subject]
	old := st.age > 0 && (since.IsZero() || st.now.Sub(since) >= st.age)
	if n < st.room && !((old || st.bytes) && st.first > after+1) {
		return true, nil // nothing has been dropped, or nothing that is after it
	}
	if n == 0 {
		return false, nil
	}
	oldest, err := st.stream.GetMsg(ctx, 1, jetstream.WithGetMsgSubject(subject))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	return err == nil && oldest.Sequence <= after, err
}

// forget ends a consumer. If that fails, it ends by itself.
func (s *stream) forget(c jetstream.Consumer) {
	ctx, cancel := context.WithTimeout(context.Background(), heartbeat)
	defer cancel()
	s.js.DeleteConsumer(ctx, s.name, c.CachedInfo().Name)
}
