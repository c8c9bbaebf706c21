package natsbus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/wirews/wirews/wshub"
)

// Keep says how much JetStream keeps of what is published. The first bus that comes to
// a broker without the streams makes them so; for those that are there it changes
// nothing.
type Keep struct {
	// Messages is how many messages are kept of each topic at least, if they are not too
	// old or too long. The stream has up to 256 more. Zero: 256.
	Messages int
	// Age is how old a message may be. Zero: one hour. A position from before the
	// oldest message of the shard is a gap.
	Age time.Duration
	// Bytes is how many bytes a shard may have; beyond that, its oldest messages are
	// dropped, of whatever topic. Zero: no limit.
	Bytes int64
	// Memory has them kept in memory, and not on disks.
	Memory bool
	// Replicas is how many servers keep a message before Publish returns: 1, 3 or 5. With
	// 3, one may fail. Zero: 1.
	Replicas int
}

// The defaults of Keep.
const (
	DefaultKeepMessages = 256
	DefaultKeepAge      = time.Hour
)

func (k Keep) withDefaults() (Keep, error) {
	if k.Messages < 0 || k.Messages > math.MaxInt-spare || k.Age < 0 || k.Bytes < -1 {
		return k, fmt.Errorf("natsbus: Keep %+v has a number below 0, or too many messages", k)
	}
	if k.Messages == 0 {
		k.Messages = DefaultKeepMessages
	}
	if k.Age == 0 {
		k.Age = DefaultKeepAge
	}
	k.Replicas = max(k.Replicas, 1)
	return k, nil
}

// JetStream is a [wshub.Bus] by streams of JetStream. See the package's table for what
// it gives.
type JetStream struct {
	options Options
	nc      *nats.Conn
	shards  []*stream

	mu     sync.Mutex // guards closed; held while a subscription is added
	closed bool
	ctx    context.Context // ends with it
	end    context.CancelFunc
	wait   sync.WaitGroup
}

var _ wshub.Bus = (*JetStream)(nil)

// OpenJetStream connects to NATS, where JetStream must be on, and makes the streams if
// there are none. url may be several, with commas between them. ctx is for the call.
// Close the bus in the end.
func OpenJetStream(ctx context.Context, url string, o Options, k Keep) (*JetStream, error) {
	o, err := o.withDefaults()
	if err == nil {
		k, err = k.withDefaults()
	}
	if err != nil {
		return nil, err
	}
	b := &JetStream{options: o}
	b.ctx, b.end = context.WithCancel(context.Background())
	for i := range o.Shards {
		b.shards = append(b.shards, newStream(o.Prefix, i, k))
	}
	if b.nc, err = o.connect(ctx, url, b.reconnected); err != nil {
		return nil, err
	}
	js, err := jetstream.New(b.nc)
	if err == nil {
		err = b.open(ctx, js)
	}
	if err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// open makes the streams, and begins to receive.
func (b *JetStream) open(ctx context.Context, js jetstream.JetStream) error {
	ctx, cancel := context.WithTimeout(ctx, 6*timeout) // a cluster that has just begun elects a leader first
	defer cancel()
	for _, s := range b.shards {
		s.js = js
		at, err := s.present(ctx)
		if err != nil {
			return fmt.Errorf("natsbus: stream %s: %w", s.name, err)
		}
		s.fan.Begin(at)
		b.wait.Go(func() { s.run(b.ctx) })
	}
	return nil
}

func (b *JetStream) reconnected() {
	for _, s := range b.shards {
		s.again()
	}
}

// of returns the shard of a topic, and the topic's token.
func (b *JetStream) of(ctx context.Context, topic string) (s *stream, name string, err error) {
	if name, err = token(topic); err == nil {
		err = ctx.Err()
	}
	if err == nil && b.ctx.Err() != nil {
		err = wshub.ErrBusClosed
	}
	return b.shards[b.options.shard(topic)], name, err
}

// Publish appends a record to a topic. While nobody knows where the stream's leader is,
// it tries again, as long as ctx allows and five seconds at most.
func (b *JetStream) Publish(ctx context.Context, topic string, r wshub.Record) (wshub.Position, error) {
	s, name, err := b.of(ctx, topic)
	if err == nil {
		err = check(r)
	}
	if err != nil {
		return wshub.Position{}, err
	}
	at, err := s.publish(ctx, name, &nats.Msg{Data: wshub.AppendRecord(nil, r)})
	return at, b.unless(err)
}

// Subscribe subscribes to a topic.
func (b *JetStream) Subscribe(ctx context.Context, topic string, sink wshub.Sink) (at wshub.Position, cancel func(), err error) {
	s, _, err := b.of(ctx, topic)
	if err == nil {
		at, err = s.present(ctx)
	}
	if err != nil {
		return wshub.Position{}, nil, b.unless(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return wshub.Position{}, nil, wshub.ErrBusClosed
	}
	at, cancel = s.fan.Subscribe(topic, at, sink)
	return at, cancel, nil
}

// History returns what there is in a topic.
func (b *JetStream) History(ctx context.Context, topic string, start wshub.Start) (wshub.Replay, error) {
	s, name, err := b.of(ctx, topic)
	if err != nil {
		return wshub.Replay{}, err
	}
	r, err := s.history(ctx, name, start)
	return r, b.unless(err)
}

// Ping publishes something to each stream, and waits until it arrives.
func (b *JetStream) Ping(ctx context.Context) error {
	if _, _, err := b.of(ctx, "ping"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for _, s := range b.shards {
		if err := s.ping(ctx); err != nil {
			return b.unless(err)
		}
	}
	return nil
}

// unless says that the bus was closed, if that is why there is an error.
func (b *JetStream) unless(err error) error {
	if err != nil && b.ctx.Err() != nil && !errors.Is(err, context.Canceled) {
		return wshub.ErrBusClosed
	}
	return err
}

// Close ends all subscriptions and the connection. Streams stay.
func (b *JetStream) Close() error {
	b.mu.Lock()
	was := b.closed
	b.closed = true
	b.mu.Unlock()
	if was {
		return nil
	}
	for _, s := range b.shards {
		s.fan.End()
	}
	b.end()
	b.nc.Close()
	return nil
}
