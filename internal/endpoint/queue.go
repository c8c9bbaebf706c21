package endpoint

import (
	"cmp"
	"time"

	"github.com/wirews/wirews/wsproto"
)

// Queue is the messages that wait until it is their turn to be encoded and
// appended to an Outbox, and the policy of a slow peer. M is what the shell has of
// a message, and is told the outcome of each: exactly one. The zero value is not
// ready; see NewQueue.
//
// A message is enqueued by Add, begins to be sent when Take returns it, and has
// been sent when Sent is called. Until it is taken, it may be dropped.
type Queue[M Message] struct {
	rule    wsproto.Queue
	waiting ring[Entry[M]]
	taken   []M // being sent
	bytes   int // of those that wait
	counted int // how many of those that wait are messages
	high    bool
	drops   wsproto.Drops
	dated   int // how many of those that wait have a deadline
}

// Message is told what becomes of it.
type Message interface {
	// Outcome is called once: with nil if the transport has taken all of the
	// message, and otherwise with why it has not been sent.
	Outcome(err error)
}

// Entry is a message in a Queue.
type Entry[M Message] struct {
	Message M
	// Size is how many bytes of payload it has.
	Size int
	// Key is what wsproto.QueueKeepLatest goes by. Empty: none.
	Key string
	// Deadline is by when it has to be taken. Zero: none.
	Deadline time.Duration
	// Turn says that this is no message, but the place of one that is sent in
	// pieces by somebody who waits for it. It takes no room, and is not dropped.
	Turn bool
}

// NewQueue returns an empty Queue.
func NewQueue[M Message](rule wsproto.Queue) Queue[M] {
	return Queue[M]{rule: rule.WithDefaults()}
}

// Rule returns what the Queue goes by, with its defaults.
func (q *Queue[M]) Rule() wsproto.Queue { return q.rule }

// Add enqueues e at the time now. If there is no room, older messages may be
// dropped for it. Otherwise it is not enqueued, and has no outcome but the error:
// ErrQueueFull, on which the shell waits or closes the connection as the policy
// says; ErrLongerThanQueue; or ErrExpired, which is counted.
func (q *Queue[M]) Add(e Entry[M], now time.Duration) error {
	if e.Turn {
		q.waiting.push(e)
		return nil
	}
	if e.Size > q.rule.Bytes {
		return wsproto.ErrLongerThanQueue
	}
	if e.Deadline != 0 && e.Deadline <= now {
		q.drops.Expired++
		return wsproto.ErrExpired
	}
	if q.rule.WhenFull == wsproto.QueueKeepLatest && e.Key != "" && q.replace(e) {
		q.level()
		return nil
	}
	if !q.makeRoom(e.Size, now) {
		return wsproto.ErrQueueFull
	}
	q.push(e)
	q.level()
	return nil
}

// Refused counts a message that Add has refused, and for which nobody waits.
func (q *Queue[M]) Refused() { q.drops.Newest++ }

// Fits reports whether a message of size bytes would be enqueued without anything
// being dropped.
func (q *Queue[M]) Fits(size int) bool {
	return q.bytes+size <= q.rule.Bytes && q.counted < q.rule.Messages
}

// Admits reports whether Add would enqueue a message of size bytes at the time now,
// which drops the messages whose deadline has come if that is needed. So a shell
// can do what costs something, such as a copy, only for messages that are enqueued.
func (q *Queue[M]) Admits(size int, now time.Duration) bool {
	if size > q.rule.Bytes {
		return false
	}
	if !q.Fits(size) {
		q.Expire(now)
	}
	return q.dropsOld() || q.Fits(size)
}

// dropsOld reports whether older messages give way to newer ones.
func (q *Queue[M]) dropsOld() bool {
	return q.rule.WhenFull == wsproto.QueueDropOldest || q.rule.WhenFull == wsproto.QueueKeepLatest
}

// makeRoom drops what the policy says, and reports whether a message of size
// bytes fits then.
func (q *Queue[M]) makeRoom(size int, now time.Duration) bool {
	if q.Fits(size) {
		return true
	}
	q.Expire(now)
	if q.dropsOld() {
		q.dropOldest(size)
	}
	return q.Fits(size)
}

// dropOldest drops messages until one of size bytes fits.
func (q *Queue[M]) dropOldest(size int) {
	for !q.Fits(size) && q.waiting.len() > 0 && !q.waiting.at(0).Turn {
		e := q.waiting.pop()
		q.drops.Oldest++
		q.forget(&e).Outcome(wsproto.ErrDropped)
	}
	if q.Fits(size) {
		return
	}
	q.remove(func(e *Entry[M]) error { // those after a Turn
		if q.Fits(size) {
			return nil
		}
		q.drops.Oldest++
		return wsproto.ErrDropped
	})
}

// replace puts e in the place of the message with the same key that waits. It
// reports whether there was one, and the queue is no longer than it may be.
func (q *Queue[M]) replace(e Entry[M]) bool {
	for i := range q.waiting.len() {
		old := q.waiting.at(i)
		if old.Turn || old.Key != e.Key {
			continue
		}
		if q.bytes+e.Size-old.Size > q.rule.Bytes {
			// It goes to the end, where room is made for it.
			q.remove(func(o *Entry[M]) error {
				if o != old {
					return nil
				}
				q.drops.Replaced++
				return wsproto.ErrReplaced
			})
			return false
		}
		q.drops.Replaced++
		replaced := q.forget(old)
		*old = e
		q.count(e)
		replaced.Outcome(wsproto.ErrReplaced)
		return true
	}
	return false
}

// Expire drops the messages whose deadline has come, and returns the next one: 0,
// if no message that waits has one.
func (q *Queue[M]) Expire(now time.Duration) (next time.Duration) {
	if q.dated == 0 {
		return 0
	}
	q.remove(func(e *Entry[M]) error {
		switch {
		case e.Deadline == 0:
		case e.Deadline <= now:
			q.drops.Expired++
			return wsproto.ErrExpired
		case next == 0 || e.Deadline < next:
			next = e.Deadline
		}
		return nil
	})
	q.level()
	return next
}

// Next returns what is to be sent next at the time now, or nil. It is valid until
// the next call. A Turn is for the shell to give; nothing after it is sent until
// EndTurn is called.
func (q *Queue[M]) Next(now time.Duration) *Entry[M] {
	for q.waiting.len() > 0 {
		e := q.waiting.at(0)
		if e.Turn || e.Deadline == 0 || e.Deadline > now {
			return e
		}
		q.Expire(now)
	}
	return nil
}

// Take begins to send what Next has returned, which must not be a Turn.
func (q *Queue[M]) Take() {
	e := q.waiting.pop()
	q.uncount(e)
	q.taken = append(q.taken, e.Message)
	q.level()
}

// Pass begins to send a message at once, without its having waited. Nothing may
// wait.
func (q *Queue[M]) Pass(m M) { q.taken = append(q.taken, m) }

// EndTurn removes the place of a message that was sent in pieces, or is not going
// to be. It reports whether it was there.
func (q *Queue[M]) EndTurn(is func(M) bool) (found bool) {
	q.waiting.filter(func(e *Entry[M]) bool {
		mine := e.Turn && is(e.Message)
		found = found || mine
		return !mine
	})
	return found
}

// Sent says that all that was taken has left.
func (q *Queue[M]) Sent() {
	for i, m := range q.taken {
		m.Outcome(nil)
		q.taken[i] = *new(M)
	}
	if q.taken = q.taken[:0]; cap(q.taken) > keptTaken {
		q.taken = nil
	}
}

// keptTaken is how many messages a list may have room for that is used again.
const keptTaken = 8

// End drops all messages, since the connection has ended for err. Nothing may be
// enqueued after that.
func (q *Queue[M]) End(err error) {
	for _, m := range q.taken {
		q.drops.Ended++
		m.Outcome(err)
	}
	q.taken = nil
	q.remove(func(e *Entry[M]) error {
		q.drops.Ended++
		return err
	})
	for q.waiting.len() > 0 { // turns
		q.waiting.pop().Message.Outcome(err)
	}
	q.waiting = ring[Entry[M]]{}
	q.level()
}

// Waiting returns how many messages and bytes wait, without what is being sent.
func (q *Queue[M]) Waiting() (messages, bytes int) { return q.counted, q.bytes }

// State returns how the queue is.
func (q *Queue[M]) State() wsproto.QueueState {
	return wsproto.QueueState{Messages: q.counted, Bytes: q.bytes, High: q.high, Dropped: q.drops}
}

// DeadlineAfter returns the time d after now as the Deadline of an Entry: never 0,
// which is none, and now if d has passed.
func DeadlineAfter(now, d time.Duration) time.Duration {
	return cmp.Or(After(now, max(d, 0)), 1)
}

// Dated reports whether a message that waits has a deadline.
func (q *Queue[M]) Dated() bool { return q.dated > 0 }

// Empty reports whether nothing waits, not even for its turn.
func (q *Queue[M]) Empty() bool { return q.waiting.len() == 0 }

// High reports whether the queue has reached its high water mark, and not been
// down to the low one since.
func (q *Queue[M]) High() bool { return q.high }

// Drops returns what has not been sent.
func (q *Queue[M]) Drops() wsproto.Drops { return q.drops }

// remove drops the messages for which drop returns an error: their outcome.
func (q *Queue[M]) remove(drop func(e *Entry[M]) error) {
	q.waiting.filter(func(e *Entry[M]) bool {
		if e.Turn {
			return true
		}
		err := drop(e)
		if err == nil {
			return true
		}
		q.forget(e).Outcome(err)
		return false
	})
}

func (q *Queue[M]) push(e Entry[M]) {
	q.waiting.push(e)
	q.count(e)
}

func (q *Queue[M]) count(e Entry[M]) {
	q.counted++
	q.bytes += e.Size
	if e.Deadline != 0 {
		q.dated++
	}
}

func (q *Queue[M]) uncount(e Entry[M]) {
	q.counted--
	q.bytes -= e.Size
	if e.Deadline != 0 {
		q.dated--
	}
}

// forget is uncount, and returns the message.
func (q *Queue[M]) forget(e *Entry[M]) M {
	q.uncount(*e)
	return e.Message
}

// level notes whether the queue is high.
func (q *Queue[M]) level() {
	switch {
	case q.bytes >= q.rule.HighWater:
		q.high = true
	case q.bytes <= q.rule.LowWater:
		q.high = false
	}
}
