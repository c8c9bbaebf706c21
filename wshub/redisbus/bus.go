package redisbus

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	neturl "net/url"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
)

// Bus is a [wshub.Bus].
type Bus struct {
	options Options
	client  *redis.Client
	shards  []*shard

	mu     sync.Mutex // guards closed; held while a subscription is added
	closed bool
	ctx    context.Context // ends with it
	end    context.CancelFunc
	wait   sync.WaitGroup
}

var _ wshub.Bus = (*Bus)(nil)

var errNoURL = errors.New("this is not a URL; want redis://user:password@host:port/db")

// tells reports whether errors of a URL may tell its password: all of it if it cannot be
// parsed, and else what comes after a / or a ? in the password, which ends the host.
func tells(url string) bool {
	u, err := neturl.Parse(url)
	return err != nil || strings.Contains(u.RequestURI(), "@")
}

// Open connects to Redis. url is as redis.ParseURL takes it: redis://user:password@host:port/db,
// or rediss:// for TLS. ctx is for the call. Close the bus in the end.
func Open(ctx context.Context, url string, o Options) (*Bus, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c, err := redis.ParseURL(url)
	if err != nil && tells(url) {
		err = errNoURL
	}
	if err != nil {
		return nil, fmt.Errorf("redisbus: %w", err)
	}
	b := &Bus{options: o}
	b.ctx, b.end = context.WithCancel(context.Background())
	for i := range o.Shards {
		b.shards = append(b.shards, newShard(o, i))
	}
	// What may have been done is not done again: Publish says that instead.
	c.MaxRetries = -1
	c.ReadTimeout, c.WriteTimeout = ioTimeout, ioTimeout
	c.ContextTimeoutEnabled = true
	c.OnConnect = b.connected
	b.client = redis.NewClient(c)
	for _, s := range b.shards {
		s.client = b.client
		at, err := s.present(ctx)
		if err != nil {
			b.Close()
			return nil, fmt.Errorf("redisbus: connect to %s: %w", c.Addr, err)
		}
		s.fan.Begin(at)
	}
	for _, s := range b.shards {
		b.wait.Go(func() { s.run(b.ctx) })
	}
	return b, nil
}

// connected is called for each new connection, before it is used: it may be to another
// Redis than those before it.
func (b *Bus) connected(ctx context.Context, c *redis.Conn) error {
	run, err := runOf(ctx, c)
	for _, s := range b.shards {
		if err == nil {
			err = s.begin(ctx, c, run)
		}
	}
	return err
}

// of returns the shard of a topic.
func (b *Bus) of(ctx context.Context, topic string) (*shard, error) {
	if err := wshub.CheckTopic(topic); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if b.ctx.Err() != nil {
		return nil, wshub.ErrBusClosed
	}
	h := fnv.New32a()
	h.Write([]byte(topic))
	return b.shards[h.Sum32()%uint32(len(b.shards))], nil
}

// Publish appends a record to a topic. While Redis cannot be reached, it tries again, as
// long as ctx allows and five seconds at most.
func (b *Bus) Publish(ctx context.Context, topic string, r wshub.Record) (wshub.Position, error) {
	s, err := b.of(ctx, topic)
	if err == nil && r.Op != ws.OpText && r.Op != ws.OpBinary {
		err = wshub.ErrRecord
	}
	if err != nil {
		return wshub.Position{}, err
	}
	at, err := s.publish(ctx, topic, wshub.AppendRecord(nil, r))
	return at, b.unless(ctx, err)
}

// Subscribe subscribes to a topic.
func (b *Bus) Subscribe(ctx context.Context, topic string, sink wshub.Sink) (at wshub.Position, cancel func(), err error) {
	s, err := b.of(ctx, topic)
	if err == nil {
		at, err = s.present(ctx)
	}
	if err != nil {
		return wshub.Position{}, nil, b.unless(ctx, err)
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
func (b *Bus) History(ctx context.Context, topic string, start wshub.Start) (wshub.Replay, error) {
	s, err := b.of(ctx, topic)
	if err != nil {
		return wshub.Replay{}, err
	}
	r, err := s.history(ctx, topic, start)
	return r, b.unless(ctx, err)
}

// Ping publishes something by each shard, and waits until it arrives.
func (b *Bus) Ping(ctx context.Context) error {
	if _, err := b.of(ctx, "ping"); err != nil {
		return err
	}
	for _, s := range b.shards {
		if err := s.ping(ctx); err != nil {
			return b.unless(ctx, err)
		}
	}
	return nil
}

// unless says that the bus was closed, or ctx has ended, if that is why there is an
// error.
func (b *Bus) unless(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case b.ctx.Err() != nil || errors.Is(err, redis.ErrClosed):
		return wshub.ErrBusClosed
	}
	return err
}

// Close ends all subscriptions and the connections. What was published stays.
func (b *Bus) Close() error {
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
	b.client.Close()
	return nil
}
