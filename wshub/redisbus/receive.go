package redisbus

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/wirews/wirews/wshub"
)

// run receives until ctx ends. Whatever goes wrong, it begins anew after what it has
// delivered last.
func (s *shard) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.receive(ctx); err != nil {
			pause(ctx, retryAfter) // the error is what has gone wrong, and comes again if it lasts
		}
	}
}

// batch is how many entries are read at a time.
const batch = 512

// receive delivers what comes next.
func (s *shard) receive(ctx context.Context) error {
	last := s.fan.At()
	if s.epoch.Load() != last.Epoch {
		return s.resync(ctx)
	}
	streams, err := s.client.XRead(ctx, &redis.XReadArgs{
		Streams: []string{s.all, strconv.FormatUint(last.Offset, 10) + "-0"},
		Count:   batch,
		Block:   block,
	}).Result()
	switch {
	case errors.Is(err, redis.Nil):
		return s.resync(ctx)
	case err != nil:
		return err
	}
	for _, m := range streams[0].Messages {
		e, topic, ok := entry(m)
		if e.Position.Epoch != last.Epoch {
			if err := s.resync(ctx); err != nil || s.epoch.Load() != last.Epoch {
				return err
			}
			last.Offset = e.Position.Offset // somebody else's, who has taken the place of ours
			s.fan.GapOfAll(last)
			continue
		}
		if e.Position.Offset != last.Offset+1 { // this node is too slow
			s.fan.GapOfAll(wshub.Position{Epoch: last.Epoch, Offset: e.Position.Offset - 1})
		}
		if last = e.Position; ok {
			s.fan.Deliver(topic, e)
		} else {
			s.fan.Pass(last)
		}
	}
	return nil
}

// resync looks whether the epoch is still the same. If not, every topic has a gap.
func (s *shard) resync(ctx context.Context) error {
	at, err := s.present(ctx)
	if err != nil {
		return err
	}
	s.epoch.Store(at.Epoch)
	if last := s.fan.At(); at.Epoch != last.Epoch || at.Offset < last.Offset {
		s.fan.GapOfAll(at)
	}
	return nil
}

// entry returns an entry of the stream of all, if it is one of a topic.
func entry(m redis.XMessage) (e wshub.Entry, topic string, ok bool) {
	text := func(name string) string { s, _ := m.Values[name].(string); return s }
	e.Position.Epoch, _ = strconv.ParseUint(text("e"), 36, 64)
	e.Position.Offset = offset(m.ID)
	ms, _ := strconv.ParseInt(text("m"), 10, 64)
	e.Time = time.UnixMilli(ms)
	r, err := wshub.ParseRecord([]byte(text("r")))
	e.Record, topic = r, text("t")
	return e, topic, err == nil && topic != ""
}

// offset returns that of an id, which is its first number.
func offset(id string) uint64 {
	text, _, _ := strings.Cut(id, "-")
	n, _ := strconv.ParseUint(text, 10, 64)
	return n
}
