package redisbus

import (
	"cmp"
	"fmt"
	"math"
	"time"
)

// Options are those of a bus. All nodes must have the same.
type Options struct {
	// Prefix is what the keys begin with. Buses with different ones do not see each
	// other. Empty: wshub.
	Prefix string

	// Shards is how many consumers share the topics. More than one help a node whose
	// sinks keep more than one processor busy. Zero: 1.
	Shards int

	// Messages is how many messages are kept of each topic. Zero: 256.
	Messages int

	// Age is how long a topic is kept after the last message. Zero: one hour.
	Age time.Duration

	// Backlog is how many messages a node may be late, in each shard. Zero: 16,384.
	Backlog int
}

// The defaults of Options.
const (
	DefaultPrefix   = "wshub"
	DefaultShards   = 1
	DefaultMessages = 256
	DefaultAge      = time.Hour
	DefaultBacklog  = 16 << 10
)

func (o Options) withDefaults() (Options, error) {
	o.Prefix = cmp.Or(o.Prefix, DefaultPrefix)
	o.Shards = cmp.Or(o.Shards, DefaultShards)
	o.Messages = cmp.Or(o.Messages, DefaultMessages)
	o.Age = cmp.Or(o.Age, DefaultAge)
	o.Backlog = cmp.Or(o.Backlog, DefaultBacklog)
	if o.Shards < 1 || o.Messages < 1 || o.Age < time.Millisecond || o.Backlog < 1 {
		return o, fmt.Errorf("redisbus: options %+v have a number below 1", o)
	}
	if o.Messages > math.MaxInt-spare {
		return o, fmt.Errorf("redisbus: %d messages of a topic are too many", o.Messages)
	}
	return o, nil
}

const (
	// retryAfter is how long to wait before the same is tried again.
	retryAfter = 100 * time.Millisecond
	// block is how long a read waits for something before it looks whether Redis has
	// forgotten everything.
	block = time.Second
	// ioTimeout is how long Redis has to answer.
	ioTimeout = 3 * time.Second
	// timeout is the limit of a call whose context has no other one.
	timeout = 5 * time.Second
)
