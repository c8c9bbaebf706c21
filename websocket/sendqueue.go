package websocket

import (
	"sync"
	"time"

	"github.com/wirews/wirews/internal/endpoint"
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

// turn is the place of a Writer in a queue.
type turn struct {
	given bool          // it is the Writer's turn
	come  chan struct{} // closed then
}

// pass reports whether nothing waits, and m need not wait either: it is being sent
// then. It cannot be called on nil.
func (s *sendQueue) pass(m outgoing) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil || !s.q.Empty() {
		return false
	}
	if m.receipt != nil {
		s.q.Pass(m)
	}
	return true
}

// add enqueues a message. On ErrQueueFull, room is closed when there may be some,
// if wait says that somebody waits for it. It cannot be called on nil.
func (s *sendQueue) add(e endpoint.Entry[outgoing], wait bool) (room <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	switch err = s.q.Add(e, now()); {
	case err == nil:
		if e.Deadline != 0 {
			s.expire()
		}
		err = s.recharge()
	case wait && err == wsproto.ErrQueueFull:
		if s.room == nil {
			s.room = make(chan struct{})
		}
		return s.room, err
	default:
		s.q.Refused()
	}
	s.changed()
	return nil, err
}

// recharge counts what waits, in steps of 64 KiB.
func (s *sendQueue) recharge() error {
	if s.budget == nil {
		return nil
	}
	_, bytes := s.q.Waiting()
	if !s.charge.set(s.budget, int64(bytes)/freeMessage*freeMessage) {
		return wsproto.ErrOverBudget
	}
	return nil
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
		s.q.EndTurn(e.Message.is)
		e = s.next()
	}
	switch {
	case e == nil:
		return m, false
	case e.Turn:
		if t := e.Message.turn; !t.given {
			t.given = true
			close(t.come)
		}
		return m, false
	case !w.first && ws.MaxHeaderSize+e.Size > w.room, !w.long && e.Size >= longMessage:
		return m, false
	}
	m = e.Message
	s.q.Take()
	s.recharge()
	s.changed()
	return m, true
}

func (s *sendQueue) next() *endpoint.Entry[outgoing] {
	if !s.q.Dated() {
		return s.q.Next(0)
	}
	defer s.count() // some may have expired
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

// changed tells whoever wants to know.
func (s *sendQueue) changed() {
	s.count()
	if s.room != nil {
		close(s.room)
		s.room = nil
	}
	if s.tell == nil || s.telling {
		return
	}
	if now := s.now(); now.High != s.told.High || now.Dropped != s.told.Dropped {
		s.telling = true
		go s.tellAll()
	}
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
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		news := s.now()
		if news.High == s.told.High && news.Dropped == s.told.Dropped {
			s.telling = false
			return
		}
		s.told = news
		s.mu.Unlock()
		s.tell(news)
		s.mu.Lock()
	}
}

// now returns the state.
func (s *sendQueue) now() QueueState {
	messages, bytes := s.q.Waiting()
	return QueueState{Messages: messages, Bytes: bytes, High: s.q.High(), Dropped: s.q.Drops()}
}

// state returns the state.
func (s *sendQueue) state() QueueState {
	if s == nil {
		return QueueState{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}
