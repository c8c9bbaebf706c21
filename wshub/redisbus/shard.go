package redisbus

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/wirews/wirews/internal/fanout"
	"github.com/wirews/wirews/wshub"
)

// shard is some of the topics: a hash that says how it is, and a stream that all nodes
// read.
type shard struct {
	options Options
	client  *redis.Client
	fan     fanout.Shard
	epoch   atomic.Uint64 // as far as is known

	state, all, of string // keys; that of a topic is added to the last one
}

// spare is how many messages of a topic there are more than is promised. The one before
// those that are asked for shows that none between is missing.
const spare = 1

func newShard(o Options, i int) *shard {
	state := fmt.Sprintf("%s:{%d}", o.Prefix, i) // one slot of a cluster
	return &shard{options: o, state: state, all: state + ":all", of: state + ":of:"}
}

// runOf returns the id of the server that a connection is to.
func runOf(ctx context.Context, c *redis.Conn) (string, error) {
	info, err := c.Info(ctx, "server").Result()
	if err != nil {
		return "", err
	}
	_, rest, ok := strings.Cut(info, "run_id:")
	if !ok {
		return "", errors.New("redisbus: the server does not tell its run_id")
	}
	run, _, _ := strings.Cut(rest, "\r\n")
	return run, nil
}

// begin sees to it that the epoch is one of the server with this run id.
func (s *shard) begin(ctx context.Context, c redis.Scripter, run string) error {
	fresh := strconv.FormatUint(1|rand.Uint64(), 36)
	at, err := position(beginScript.Run(ctx, c, []string{s.state}, run, fresh).Slice())
	if err == nil {
		s.epoch.Store(at.Epoch)
	}
	return err
}

var errState = errors.New("redisbus: the keys of the bus hold something else; choose another Prefix")

// position is what an epoch and an offset stand for. They may be missing.
func position(v []any, err error) (at wshub.Position, _ error) {
	if err != nil {
		return at, err
	}
	if len(v) != 2 {
		return at, errState
	}
	if v[0] != nil {
		if at.Epoch, err = number(v[0], 36); err != nil {
			return at, err
		}
	}
	if v[1] != nil {
		at.Offset, err = number(v[1], 10)
	}
	return at, err
}

func number(v any, base int) (uint64, error) {
	text, ok := v.(string)
	if !ok {
		return 0, errState
	}
	return strconv.ParseUint(text, base, 64)
}

// present returns the present position.
func (s *shard) present(ctx context.Context) (at wshub.Position, err error) {
	err = s.try(ctx, func(ctx context.Context) error {
		at, err = position(s.client.HMGet(ctx, s.state, "epoch", "n").Result())
		if err == nil && at.Epoch == 0 {
			err = s.renew(ctx)
		}
		return err
	})
	return at, err
}

// errForgotten says that there was no epoch. Now there is one.
var errForgotten = errors.New("redisbus: Redis has forgotten what was published")

// renew begins an epoch in a Redis that has forgotten everything since it was
// connected to.
func (s *shard) renew(ctx context.Context) error {
	c := s.client.Conn()
	defer c.Close()
	run, err := runOf(ctx, c)
	if err == nil {
		err = s.begin(ctx, c, run)
	}
	if err != nil {
		return err
	}
	return errForgotten
}

// try does something that has not been done if it returns that Redis cannot be reached,
// or has forgotten everything: then it is done again.
func (s *shard) try(ctx context.Context, do func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for {
		err := do(ctx)
		if err == nil || !undone(err) || !pause(ctx, retryAfter) {
			return err
		}
	}
}

// undone reports whether an error says that nothing has been done.
func undone(err error) bool {
	var dial *net.OpError
	return errors.Is(err, errForgotten) || errors.As(err, &dial) && dial.Op == "dial" ||
		redis.HasErrorPrefix(err, "LOADING") || redis.HasErrorPrefix(err, "READONLY")
}

// pause waits, and reports whether ctx goes on.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// publish publishes a record to a topic, or to none if that is empty.
func (s *shard) publish(ctx context.Context, topic string, record []byte) (at wshub.Position, err error) {
	err = s.try(ctx, func(ctx context.Context) error {
		for {
			epoch := s.epoch.Load()
			at, err = position(publishScript.Run(ctx, s.client, []string{s.state, s.all, s.of + topic},
				strconv.FormatUint(epoch, 36), topic, record, s.options.Backlog, s.options.Messages+spare, s.options.Age.Milliseconds()).Slice())
			switch {
			case err != nil:
				return err
			case at.Epoch == 0:
				return s.renew(ctx)
			case at.Epoch == epoch:
				return nil
			}
			s.epoch.Store(at.Epoch) // and once more
		}
	})
	return at, err
}

// ping publishes something for nobody.
func (s *shard) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	at, err := s.publish(ctx, "", nil)
	if err == nil && !s.fan.Await(ctx, at) {
		if err = ctx.Err(); err == nil {
			err = errForgotten
		}
	}
	return err
}
