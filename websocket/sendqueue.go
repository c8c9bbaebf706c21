package websocket

import (
	"sync"
	"time"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/internal/receipt"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// sendQueue is endpoint.Queue with a lock, for all that write. Whoever sends takes
// messages out of it with the lock of the output, so the order is kept.
//
// All methods but those that say otherwise can be called on nil, which stands for
// no queue.
type sendQueue struct {
	inTurn lock // held by the one that waits for room

	mu      sync.Mutex
	q       endpoint.Queue[outgoing]
	err     error         // why nothing is enqueued any more
	ended   bool          // and what waited has been dropped
	room    chan struct{} // closed when messages have left; nil: nobody waits for that
	expiry  *time.Timer   // for the next deadline; nil: there has been none
	charge  charge
	budget  *Budget
	tell    func(QueueState) // nil: nobody wants to know
	told    QueueState       // what tell was called with last
	telling bool             // a goroutine does

	counting *counting // nil: without Counters
	counted  wsproto.Waiting
}

func newSendQueue(rule Queue, budget *Budget) *sendQueue {
	return &sendQueue{q: endpoint.NewQueue[outgoing](rule), budget: budget}
}

// queue returns the one of the messages that wait, or nil.
func (c *Conn) queue() *sendQueue {
	if c.settings.queue == nil {
		return nil
	}
	return c.extra.Load().queue
}

// Outcome tells whoever has asked for it.
func (m outgoing) Outcome(err error) {
	if m.turn != nil {
		m.turn.give()
	}
	if m.receipt != nil {
		receipt.Settle(m.receipt, err)
	}
}

// turn is the place of a Writer in a queue, or of a Flush.
type turn struct {
	given bool
	come  chan struct{} // closed when the turn is given, or will never be
}

func newTurn() *turn { return &turn{come: make(chan struct{})} }

// give is called with the lock of the queue.
func (t *turn) give() {
	if !t.given {
		t.given = true
		close(t.come)
	}
}

// empty reports whether nothing waits, so that a message need not wait either. It
// cannot be called on nil.
func (s *sendQueue) empty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err == nil && s.q.Empty()
}

// passed says that m is being sent without having waited, or all of it has left.
func (s *sendQueue) passed(m outgoing, left bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case left:
		m.Outcome(nil)
	case s.ended: // since it was sent
		m.Outcome(s.err)
	default:
		s.q.Pass(m)
	}
}

// add enqueues a message. On ErrQueueFull, room is closed when there may be some,
// if wait says that somebody waits for it. It cannot be called on nil.
func (s *sendQueue) add(e endpoint.Entry[outgoing], wait bool) (room <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	at := now()
	if err = wsproto.ErrOverBudget; s.affords(e.Size, at) {
		err = s.q.Add(e, at)
	}
	switch {
	case err == nil:
		if e.Deadline != 0 {
			s.expire()
		}
	case wait && err == wsproto.ErrQueueFull:
		if s.room == nil {
			s.room = make(chan struct{})
		}
		room = s.room
		s.recharge()
		return room, err
	case err != wsproto.ErrExpired:
		s.q.Refused()
	}
	s.changed()
	return nil, err
}

// affords charges the budget for a message that is going to be added, and reports
// whether there is room for it. What gives way to the message is taken into account
// by recharge.
func (s *sendQueue) affords(size int, at time.Duration) bool {
	if !s.q.Admits(size, at) {
		return true // it will not be added
	}
	_, bytes := s.q.Waiting()
	return s.chargeFor(min(bytes+size, s.q.Rule().Bytes))
}

// recharge charges the budget for what waits, which is not more than before.
func (s *sendQueue) recharge() {
	_, bytes := s.q.Waiting()
	s.chargeFor(bytes)
}

// chargeFor counts steps of 64 KiB.
func (s *sendQueue) chargeFor(bytes int) bool {
	return s.budget == nil || s.charge.set(s.budget, int64(bytes)/endpoint.FreeMessage*endpoint.FreeMessage)
}

// expire drops messages whose deadline has come, and sets the timer for the next.
func (s *sendQueue) expire() {
	at := now()
	next := s.q.Expire(at)
	switch {
	case next == 0:
	case s.expiry == nil:
		s.expiry = time.AfterFunc(next-at, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.expire()
			s.changed()
		})
	default:
		s.expiry.Reset(next - at)
	}
}

// want is what a message has to be like that is taken.
type want struct {
	room    int  // bytes that it fits into
	first   bool // or it is the first, and need not fit
	long    bool // it may be a long one
	closing bool // the connection is closing: no Writer gets a turn any more
}

// longMessage is from how many bytes on a message is sent only by who can wait for
// the transport: what is left of it would be copied otherwise.
const longMessage = 64 << 10

// take returns the next message, which begins to be sent, if it is as wanted. If it
// is a Writer's turn, that is told.
func (s *sendQueue) take(w want) (m outgoing, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.next()
	for e != nil && e.Turn && w.closing {
		e.Message.turn.give()
		s.q.EndTurn(e.Message.is)
		e = s.next()
	}
	switch {
	case e == nil:
		return m, false
	case e.Turn:
		e.Message.turn.give()
		return m, false
	case !w.first && ws.MaxHeaderSize+e.Size > w.room, !w.long && e.Size >= longMessage:
		return m, false
	}
	m = e.Message
	s.q.Take()
	s.changed()
	return m, true
}

func (s *sendQueue) next() *endpoint.Entry[outgoing] {
	if !s.q.Dated() {
		return s.q.Next(0)
	}
	defer s.changed() // some may have expired
	return s.q.Next(now())
}

// is reports whether other is the same turn.
func (m outgoing) is(other outgoing) bool { return m.turn == other.turn }

// ready reports whether there is a message that can be sent.
func (s *sendQueue) ready() bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.next()
	return e != nil && !(e.Turn && e.Message.turn.given)
}

// sent says that all that was taken has left.
func (s *sendQueue) sent() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.q.Sent()
}

// endTurn gives up a Writer's place.
func (s *sendQueue) endTurn(t *turn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.q.EndTurn(outgoing{turn: t}.is)
}

// shut sees to it that nothing is enqueued any more. What waits is sent still.
func (s *sendQueue) shut(err error) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
		s.changed()
	}
}

// end drops all that waits, since nothing more can be sent. The first reason
// counts.
func (s *sendQueue) end(err error) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.ended = true
	if s.err == nil {
		s.err = err
	}
	s.q.End(err)
	s.charge.end(s.budget)
	if s.expiry != nil {
		s.expiry.Stop()
	}
	s.changed()
}

// changed sees to all that depends on what waits.
func (s *sendQueue) changed() {
	s.recharge()
	s.count()
	if s.room != nil {
		close(s.room)
		s.room = nil
	}
	if s.tell == nil || s.telling {
		return
	}
	if s.telling = s.news(); s.telling {
		go s.tellAll()
	}
}

// news reports whether there is something that tell has not been told.
func (s *sendQueue) news() bool {
	now := s.q.State()
	return now.High != s.told.High || now.Dropped != s.told.Dropped
}

// count adds to the Counters what has changed.
func (s *sendQueue) count() {
	if s.counting == nil {
		return
	}
	messages, bytes := s.q.Waiting()
	now := wsproto.Waiting{Messages: int64(messages), Bytes: int64(bytes), Dropped: s.q.Drops()}
	if now != s.counted {
		news := wsproto.Waiting{Messages: now.Messages - s.counted.Messages, Bytes: now.Bytes - s.counted.Bytes, Dropped: now.Dropped}
		news.Dropped.Sub(s.counted.Dropped)
		s.counting.addQueue(news)
		s.counted = now
	}
}

// tellAll calls tell until there is no more news.
func (s *sendQueue) tellAll() {
	for {
		news, ok := s.toTell()
		if !ok {
			return
		}
		s.tell(news)
	}
}

// toTell returns the state that tell is to be told. If there is no news, nobody tells
// any more.
func (s *sendQueue) toTell() (news QueueState, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.telling = s.news(); s.telling {
		s.told = s.q.State()
	}
	return s.told, s.telling
}

// state returns the state.
func (s *sendQueue) state() QueueState {
	if s == nil {
		return QueueState{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.q.State()
}
