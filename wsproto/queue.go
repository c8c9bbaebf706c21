package wsproto

import (
	"math"

	"github.com/wirews/wirews/ws"
)

// Queue bounds the messages that wait because the peer takes them more slowly
// than they are written, and says what happens to those that do not fit. Messages
// wait as a whole, before they are compressed, so that one can be dropped without
// harm to the others. The zero value stands for the defaults.
//
// What is being sent does not count: one message, or up to 62 KiB of short ones.
// Neither do control frames, which wait for no message but that.
type Queue struct {
	// Bytes is how many bytes of payload may wait. Zero: 1 MiB. Negative: no limit.
	// A message that is longer is refused with ErrLongerThanQueue.
	Bytes int

	// Messages is how many messages may wait. Zero: 1,024. Negative: no limit.
	Messages int

	// WhenFull is what happens to a message for which there is no room.
	WhenFull QueuePolicy

	// CloseCode is what QueueClose closes the connection with. Zero: 1013 (Try
	// Again Later).
	CloseCode ws.StatusCode

	// HighWater and LowWater are numbers of bytes that wait. From HighWater on the
	// queue is high, until no more than LowWater wait. HighWater zero: half of
	// Bytes. LowWater zero: half of HighWater.
	HighWater, LowWater int

	// NotSentLowat is how many bytes that have not been sent the kernel takes on a
	// TCP connection, where the system has TCP_NOTSENT_LOWAT: what waits there
	// cannot be dropped or replaced any more. Zero: 32 KiB. Negative: as many as it
	// wants to.
	NotSentLowat int
}

// QueuePolicy is what happens to a message for which a [Queue] has no room.
type QueuePolicy uint8

const (
	// QueueBlock: whoever writes it waits for room, as long as its context allows.
	QueueBlock QueuePolicy = iota
	// QueueDropOldest: the messages that have waited longest give way to it.
	QueueDropOldest
	// QueueDropNewest: it is dropped itself.
	QueueDropNewest
	// QueueKeepLatest: as QueueDropOldest. Besides, full or not, a message with a
	// key takes the place of the one with the same key that waits, so that the
	// peer gets the latest of each key.
	QueueKeepLatest
	// QueueClose: the connection is closed with the Queue's CloseCode.
	QueueClose
)

// String returns what the policy does.
func (p QueuePolicy) String() string {
	switch p {
	case QueueBlock:
		return "block"
	case QueueDropOldest:
		return "drop oldest"
	case QueueDropNewest:
		return "drop newest"
	case QueueKeepLatest:
		return "keep latest"
	case QueueClose:
		return "close"
	}
	return "unknown policy"
}

// The defaults of a Queue.
const (
	DefaultQueueBytes    = 1 << 20
	DefaultQueueMessages = 1024
	DefaultNotSentLowat  = 32 << 10
)

// WithDefaults returns q with what zero fields stand for.
func (q Queue) WithDefaults() Queue {
	or := func(n, def int) int {
		if n == 0 {
			return def
		}
		return n
	}
	limit := func(n, def int) int {
		if n < 0 {
			return math.MaxInt
		}
		return or(n, def)
	}
	q.Bytes = limit(q.Bytes, DefaultQueueBytes)
	q.Messages = limit(q.Messages, DefaultQueueMessages)
	q.HighWater = or(q.HighWater, q.Bytes-q.Bytes/2)
	q.LowWater = or(q.LowWater, q.HighWater/2)
	q.NotSentLowat = or(q.NotSentLowat, DefaultNotSentLowat)
	if q.CloseCode == 0 {
		q.CloseCode = ws.StatusTryAgainLater
	}
	return q
}

// QueueState is how a Queue is. The zero value is that of an empty one.
type QueueState struct {
	// Messages and Bytes are what waits.
	Messages, Bytes int
	// High says that the queue has reached its HighWater, and has not been down to
	// its LowWater since.
	High bool
	// Dropped counts what has not been sent, from the beginning of the connection.
	Dropped Drops
}

// Drops counts messages that were enqueued, or were to be, and have not been
// sent.
type Drops struct {
	Oldest   uint64 `json:"oldest"`   // gave way to newer ones: ErrDropped
	Newest   uint64 `json:"newest"`   // had no room: ErrQueueFull
	Replaced uint64 `json:"replaced"` // by a newer one with the same key: ErrReplaced
	Expired  uint64 `json:"expired"`  // had not begun to be sent at their deadline: ErrExpired
	Ended    uint64 `json:"ended"`    // waited when the connection ended
}

// Add adds o to d.
func (d *Drops) Add(o Drops) {
	d.Oldest += o.Oldest
	d.Newest += o.Newest
	d.Replaced += o.Replaced
	d.Expired += o.Expired
	d.Ended += o.Ended
}

// Sub takes o from d, which leaves what was dropped between two snapshots.
func (d *Drops) Sub(o Drops) {
	d.Oldest -= o.Oldest
	d.Newest -= o.Newest
	d.Replaced -= o.Replaced
	d.Expired -= o.Expired
	d.Ended -= o.Ended
}

// Total returns the sum.
func (d Drops) Total() uint64 { return d.Oldest + d.Newest + d.Replaced + d.Expired + d.Ended }

// What becomes of messages that a Queue does not send. The connection goes on,
// unless it is closed for ErrQueueFull by QueueClose.
const (
	ErrQueueFull       = queueError("wsproto: the peer takes messages too slowly, and its queue is full; raise Bytes or Messages of the Queue, or choose another policy")
	ErrDropped         = queueError("wsproto: message dropped for a newer one: the peer takes messages too slowly")
	ErrReplaced        = queueError("wsproto: message replaced by a newer one with the same key")
	ErrExpired         = queueError("wsproto: message dropped: its deadline came before its turn")
	ErrLongerThanQueue = queueError("wsproto: message is longer than the queue may be; raise Bytes of the Queue")
)

type queueError string

func (e queueError) Error() string { return string(e) }

// StatusCode returns the close code that the peer is to be sent, if the
// connection ends for it: 1013.
func (e queueError) StatusCode() ws.StatusCode { return ws.StatusTryAgainLater }

// CloseReason returns the reason that the peer is to be sent.
func (e queueError) CloseReason() string { return "messages are taken too slowly" }
