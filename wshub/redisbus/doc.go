// Package redisbus has a bus for wshub by streams of Redis, from version 6 on.
//
//	bus, err := redisbus.Open(ctx, "redis://10.0.0.1:6379/0", redisbus.Options{})
//
// # What it gives
//
// A topic has one order for all nodes, positions, and a history. A record is kept once
// Publish has returned, as safely as Redis keeps what it is told:
//
//	a connection breaks            resumed; a gap if what was missed has been dropped
//	                               meanwhile
//	a node is slower than what is  it is late; a gap from Options.Backlog on
//	published
//	Redis starts again, or a       a gap in every topic, and a new epoch, even if nothing
//	replica takes its place        was lost: nobody can tell
//	a publisher dies               nothing: what has been acknowledged is there
//
// Redis must not evict keys to get memory (maxmemory-policy noeviction): a topic whose
// stream it has evicted looks like one to which nothing was published, without a gap.
//
// A replica that takes the place of its master may lack what was acknowledged last.
// Nobody gets that again, but everybody is told of a gap.
//
// # How it does it
//
// A script publishes: it counts, adds the record to a stream that all nodes read, and to
// one of the topic, which is the history. The number is the offset. Each node reads by
// one connection a shard, which waits for what is published, and delivers in one
// goroutine a shard; every node receives what is published to any topic. For all else
// there is a pool of connections.
//
// The keys are prefix:{shard}, prefix:{shard}:all, and prefix:{shard}:of: with the topic
// after it.
//
// # Concurrency
//
// All methods may be called by any goroutine.
package redisbus
