package wshub

import (
	"context"
	"sync/atomic"

	"github.com/wirews/wirews/wsflate"
)

// Hub has topics and members. The zero value is ready; it must not be copied. The
// fields must not be changed once there is a member.
type Hub struct {
	// Retain says how much of a topic the hub keeps for members that subscribe later,
	// which it calls with locks held: it must not call the hub. nil: nothing. What is
	// kept lasts without members too; topics without a limit in Age are never forgotten.
	// With a Bus, this is kept of topics with members, so that the bus is not asked each
	// time.
	Retain func(topic string) Retention

	// Encode makes the message that members are sent of an event, once for all of them.
	// nil as its result: the event is not sent. It is called while the topic is held up,
	// without a lock. Without Encode, members get the messages as they were published,
	// and no other events: they learn neither of positions nor of gaps.
	Encode func(e Event) *wsflate.PreparedMessage

	// Bus carries topics to and from other hubs. nil: this hub is all there is. The hub
	// does not close it.
	Bus Bus

	topics, names space
	members       atomic.Int64
	counts        counts
}

// Stats is how a hub is, and what it has done since it began.
type Stats struct {
	Members   int64 `json:"members"`   // that have joined and not left
	Topics    int64 `json:"topics"`    // that somebody is subscribed to, or that something is kept of
	Published int64 `json:"published"` // messages, also those for which nobody was there
	Delivered int64 `json:"delivered"` // messages to members, each counted
	Refused   int64 `json:"refused"`   // deliveries that have returned an error
	Gaps      int64 `json:"gaps"`      // that members were told of, each counted
	Failed    int64 `json:"failed"`    // messages that Publish could not give to the bus
	Retried   int64 `json:"retried"`   // other calls of the bus that failed and were made again, or will be
}

// counts are those of all topics.
type counts struct{ published, delivered, refused, gaps, failed, retried atomic.Int64 }

// Stats returns how the hub is.
func (h *Hub) Stats() Stats {
	return Stats{
		Members:   h.members.Load(),
		Topics:    h.topics.size(),
		Published: h.counts.published.Load(),
		Delivered: h.counts.delivered.Load(),
		Refused:   h.counts.refused.Load(),
		Gaps:      h.counts.gaps.Load(),
		Failed:    h.counts.failed.Load(),
		Retried:   h.counts.retried.Load(),
	}
}

// Publish sends m to the members of a topic, and returns how many those are. When
// it returns, m is in their queues, or somebody else who publishes to the same topic
// is about to put it there.
//
// With a Bus, the members of all hubs get it, those here are counted, and Publish waits
// for the bus as long as that takes: PublishContext does the same with a context and an
// error, which here is only counted.
func (h *Hub) Publish(topic string, m Message) int {
	if h.Bus == nil {
		to, _ := h.topics.publish(h, topic, m, h.keeps(topic))
		return to
	}
	if _, err := h.PublishContext(context.Background(), topic, m); err != nil {
		h.counts.failed.Add(1)
	}
	return h.Subscribers(topic)
}

// PublishContext is Publish with what a [Bus] may need and say. It returns the message's
// position in the topic, which is zero if nothing gives one: a hub without Retain, Encode
// and Bus, a topic of which nothing is kept and that nobody is subscribed to, or a bus
// that gives none. After an error of the bus, the message may have been published or not.
func (h *Hub) PublishContext(ctx context.Context, topic string, m Message) (Position, error) {
	if h.Bus != nil {
		h.counts.published.Add(1)
		return h.Bus.Publish(ctx, topic, m.record())
	}
	if err := context.Cause(ctx); err != nil {
		return Position{}, err
	}
	_, at := h.topics.publish(h, topic, m, h.keeps(topic))
	return at, nil
}

// SendTo sends m to the members of this hub that have joined by a name, and returns
// how many those are. Else it is as Publish without a Bus. For the members of all
// hubs, make the name a topic.
func (h *Hub) SendTo(name string, m Message) int {
	to, _ := h.names.publish(h, name, m, false)
	return to
}

// Subscribers returns how many members of this hub a topic has.
func (h *Hub) Subscribers(topic string) int { return h.topics.subscribers(topic) }

// hasPast reports whether topics have positions.
func (h *Hub) hasPast() bool { return h.Retain != nil || h.Encode != nil || h.Bus != nil }

func (h *Hub) retention(topic string) Retention {
	if h.Retain == nil {
		return Retention{}
	}
	return h.Retain(topic)
}

// keeps reports whether a topic is to be there without members.
func (h *Hub) keeps(topic string) bool { return h.Bus == nil && h.retention(topic).Messages > 0 }
