package wshub

import (
	"context"
	"errors"
)

// Bus carries the records of topics between nodes: those of one process, by a
// [MemoryBus], or several machines, by the broker that an implementation talks to. A
// bus is one node's connection, with one consumer for all its topics or for each shard
// of them.
//
// One sequencer gives a topic its order and its positions: the broker, wherever it
// has a log. All subscribers on all nodes get the records in that order. On a bus that
// gives no positions, only the records of one publisher keep their order.
//
// A bus looks after its connection itself: after a failure it connects and subscribes
// again, makes sure that records arrive, and then either gives the sinks everything
// that they have missed, or tells those of each topic of a gap. It does so also if
// nothing is published after that.
//
// A topic is any string of 1 to 128 bytes, also with spaces, dots and the broker's
// wildcards. All methods may be called by any goroutine at any time. Package bustest
// tests that an implementation is as this page says.
type Bus interface {
	// Publish appends a record to a topic. It returns the record's position once the
	// broker has it as safely as the bus promises, or no position on a bus that gives
	// none. After an error the record may have been published or not. The bus keeps no
	// reference to the record's data after an error, and changes it never.
	Publish(ctx context.Context, topic string, r Record) (Position, error)

	// Subscribe has sink called with everything that is published to a topic after the
	// position at, until cancel is called. That is the topic's present position or, on a
	// bus that gives none, zero. The sink may be called before Subscribe returns, and once
	// more by a call that is under way when cancel is called. A topic may have several
	// subscriptions.
	//
	// ctx is for the call, not for the subscription. After an error there is none.
	Subscribe(ctx context.Context, topic string, sink Sink) (at Position, cancel func(), err error)

	// History returns what there is in a topic. What a Subscribe that has returned before
	// has as its present position, the replay reaches, or goes beyond. With neither
	// After nor Last, it tells only what the present position is. A bus without history
	// returns a gap where After is not zero, and nothing otherwise.
	History(ctx context.Context, topic string, start Start) (Replay, error)

	// Ping returns nil if the bus works: the broker answers, and what is published now
	// reaches the sinks.
	Ping(ctx context.Context) error

	// Close ends all subscriptions and the connection. Then every method returns
	// ErrBusClosed, except for Close, which returns nil.
	Close() error
}

// ErrBusClosed is the error of a Bus that has been closed.
var ErrBusClosed = errors.New("wshub: the bus has been closed")

// Sink takes what a [Bus] has for a subscription: one event at a time, in the order of
// the topic. It may be called by any goroutine, also by one that publishes. It may call
// Publish, and cancel of its own subscription, and no other method of the bus. While it
// has too much to do, it holds up whoever calls it.
type Sink func(e BusEvent)

// BusEvent is a record, or a gap.
type BusEvent struct {
	// Entry is a record of the topic. The offsets that a sink gets grow, in an epoch.
	Entry
	// Gap says instead that records may have been lost, and that everything after
	// Entry.Position follows. The epoch may be another one; there is no record.
	Gap bool
}
