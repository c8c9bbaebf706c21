package wshub

import (
	"context"
	"errors"
	"fmt"
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
// wildcards; for others, Publish, Subscribe and History return what [CheckTopic] does.
// All methods may be called by any goroutine at any time. A hub calls with contexts that
// have no deadline: a bus bounds how long each of its calls may take. Package bustest
// tests that an implementation is as this page says; [MemoryBus] is one to look at.
type Bus interface {
	// Publish appends a record to a topic. It returns the record's position once the
	// broker has it as safely as the bus promises, or no position on a bus that gives
	// none. After an error the record may have been published or not. The bus never
	// changes the record's data, and does not keep it after an error.
	Publish(ctx context.Context, topic string, r Record) (Position, error)

	// Subscribe has sink called with everything that is published to a topic after the
	// position at, until cancel is called. That is the topic's present position or, on a
	// bus that gives none, zero. The sink may be called before Subscribe returns, and once
	// more by a call that is under way when cancel is called. A topic may have several
	// subscriptions.
	//
	// ctx is for the call, not for the subscription. After an error there is none.
	Subscribe(ctx context.Context, topic string, sink Sink) (at Position, cancel func(), err error)

	// History returns what there is in a topic. Its Replay.At is not before the position
	// that any earlier Subscribe to the topic has returned, so nothing is missing between
	// a replay and a subscription. If start is zero, there are no Entries, and At is the
	// present position. A bus without history returns a gap if start.After is set, and
	// an empty Replay otherwise.
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

// maxTopic is how many bytes a topic of a bus has at most.
const maxTopic = 128

// CheckTopic returns a [*TopicError] if no [Bus] takes the topic.
func CheckTopic(topic string) error {
	if len(topic) < 1 || len(topic) > maxTopic {
		return &TopicError{topic}
	}
	return nil
}

// TopicError is the error of a topic that is empty or too long for a [Bus]. A hub
// without one takes any.
type TopicError struct{ Topic string }

func (e *TopicError) Error() string {
	return fmt.Sprintf("wshub: a topic has %d bytes; a bus takes 1 to %d", len(e.Topic), maxTopic)
}

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
