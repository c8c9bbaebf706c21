package natsbus

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/wirews/wirews/wshub"
)

// Core is a [wshub.Bus] by what NATS calls core: publish and subscribe, and nothing is
// kept. See the package's table for what it gives.
type Core struct {
	options Options
	nc      *nats.Conn
	shards  []*coreShard

	mu     sync.Mutex // guards closed; held while a subscription is added
	closed bool
	end    chan struct{} // closed with it
	wait   sync.WaitGroup
}

var _ wshub.Bus = (*Core)(nil)

// OpenCore connects to NATS. url may be several, with commas between them. ctx is for
// the call. Close the bus in the end.
func OpenCore(ctx context.Context, url string, o Options) (*Core, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	b := &Core{options: o, end: make(chan struct{})}
	id := rand.Uint64()
	for i := range o.Shards {
		b.shards = append(b.shards, newCoreShard(fmt.Sprintf("%s.%d.", o.Prefix, i), id))
	}
	if b.nc, err = o.connect(ctx, url, b.reconnected); err != nil {
		return nil, err
	}
	for _, s := range b.shards {
		if err = s.subscribe(b.nc); err != nil {
			break
		}
	}
	if err == nil {
		err = flush(ctx, b.nc)
	}
	if err != nil {
		b.nc.Close()
		return nil, fmt.Errorf("natsbus: subscribe: %w", err)
	}
	for _, s := range b.shards {
		b.wait.Go(func() { s.run(b.end) })
	}
	return b, nil
}

// flush waits until the server has what was sent.
func flush(ctx context.Context, nc *nats.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return nc.FlushWithContext(ctx)
}

func (b *Core) reconnected() {
	for _, s := range b.shards {
		select {
		case s.reconnected <- struct{}{}:
		default: // it has not seen to the last one yet
		}
	}
}

// Publish sends a record. The error is nil once it is on its way, or waits for the
// connection to come back.
func (b *Core) Publish(ctx context.Context, topic string, r wshub.Record) (wshub.Position, error) {
	name, err := token(topic)
	if err == nil {
		err = check(r)
	}
	if err == nil {
		err = b.usable(ctx)
	}
	if err == nil {
		err = b.shards[b.options.shard(topic)].publish(name, r)
	}
	return wshub.Position{}, err
}

// Subscribe subscribes to a topic.
func (b *Core) Subscribe(ctx context.Context, topic string, sink wshub.Sink) (at wshub.Position, cancel func(), err error) {
	if _, err = token(topic); err != nil {
		return at, nil, err
	}
	if err = ctx.Err(); err != nil {
		return at, nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return at, nil, wshub.ErrBusClosed
	}
	at, cancel = b.shards[b.options.shard(topic)].fan.Subscribe(topic, at, sink)
	return at, cancel, nil
}

// History returns a gap if start.After is not zero, and nothing otherwise.
func (b *Core) History(ctx context.Context, topic string, start wshub.Start) (r wshub.Replay, err error) {
	if _, err = token(topic); err == nil {
		err = b.usable(ctx)
	}
	r.Gap = err == nil && !start.After.IsZero()
	return r, err
}

// Ping sends something by each shard, and waits until it arrives.
func (b *Core) Ping(ctx context.Context) error {
	if err := b.usable(ctx); err != nil {
		return err
	}
	for _, s := range b.shards {
		if err := s.ping(ctx, b.end); err != nil {
			return err
		}
	}
	return nil
}

func (b *Core) usable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-b.end:
		return wshub.ErrBusClosed
	default:
		return nil
	}
}

// Close ends all subscriptions and the connection. Others are told that nothing more
// comes.
func (b *Core) Close() error {
	b.mu.Lock()
	was := b.closed
	b.closed = true
	b.mu.Unlock()
	if was {
		return nil
	}
	close(b.end)
	for _, s := range b.shards {
		s.fan.End()
		s.leave()
	}
	flush(context.Background(), b.nc) // if it fails, the others notice by themselves
	b.nc.Close()
	return nil
}

// checkEvery is how often a publisher says how far it has come, and silence how long
// none of that may come before it counts as dead.
const (
	checkEvery = time.Second
	silence    = 3*checkEvery + checkEvery/2
)
