package natsbus

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/wirews/wirews/internal/fanout"
	"github.com/wirews/wirews/wshub"
)

// coreShard is one of a Core: what is published to its topics, and what comes of that.
type coreShard struct {
	prefix string // of its subjects
	nc     *nats.Conn
	fan    fanout.Shard

	sending sync.Mutex // guards mine, and keeps what is sent in its order
	mine    count

	// These belong to run.
	arrived     chan *nats.Msg
	reconnected chan struct{} // has a value when the connection has come back
	publishers  map[uint64]*publisher
	since       time.Time // when run has begun, or the connection has come back

	pings pings
}

// publisher is what a receiver knows of one.
type publisher struct {
	last   uint64 // number of its last message
	heard  time.Time
	silent bool // it was not heard of for so long that there was a gap
}

// forgetAfter is how long the number of a publisher is kept that is not heard of.
const forgetAfter = 10 * time.Minute

// backlog is how many messages a shard may be late with. What does not fit is lost,
// which the numbers of the messages show.
const backlog = 64 << 10

func newCoreShard(prefix string, id uint64) *coreShard {
	return &coreShard{
		prefix:      prefix,
		mine:        count{publisher: id},
		arrived:     make(chan *nats.Msg, backlog),
		reconnected: make(chan struct{}, 1),
		publishers:  make(map[uint64]*publisher),
	}
}

func (s *coreShard) subscribe(nc *nats.Conn) error {
	s.nc = nc
	_, err := nc.ChanSubscribe(s.prefix+"*", s.arrived)
	return err
}

// publish sends a record with the next number.
func (s *coreShard) publish(name string, r wshub.Record) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	s.mine.number++
	p := s.mine.append(make([]byte, 0, countSize+len(r.Data)+len(r.Key)+20), aRecord)
	err := s.nc.Publish(s.prefix+name, wshub.AppendRecord(p, r))
	if errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, nats.ErrReconnectBufExceeded) {
		s.mine.number-- // nothing was sent: a number that is missing would be a gap for all
	}
	return err
}

// tell sends what is for other buses, with the number of the last record.
func (s *coreShard) tell(what kind) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	if s.mine.number == 0 && what != aPing {
		return nil // nobody knows this publisher
	}
	return s.nc.Publish(s.prefix+own, s.mine.append(nil, what))
}

func (s *coreShard) leave() { s.tell(aFarewell) }

// run receives until the bus is closed.
func (s *coreShard) run(end <-chan struct{}) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	s.since = time.Now()
	for {
		select {
		case m := <-s.arrived:
			s.receive(m)
		case <-s.reconnected:
			s.since = time.Now()
			s.gap()
		case <-tick.C:
			s.tell(aCheck) // without a connection it is lost, and others notice that too
			s.look()
		case <-end:
			return
		}
	}
}

func (s *coreShard) gap() { s.fan.GapOfAll(wshub.Position{}) }

// receive delivers a message. If there should be others before it, that is a gap.
func (s *coreShard) receive(m *nats.Msg) {
	c, what, rest, ok := parseCount(m.Data)
	if !ok {
		return // of something else
	}
	if !s.heard(c, what) {
		return
	}
	switch what {
	case aPing:
		if c.publisher == s.mine.publisher {
			s.pings.answer()
		}
	case aRecord:
		topic, ok := topicOf(m.Subject)
		if r, err := wshub.ParseRecord(rest); ok && err == nil {
			s.fan.Deliver(topic, wshub.Entry{Record: r, Time: time.Now()})
		}
	}
}

// heard notes how far a publisher has come. It reports whether a message is new: after a
// connection was lost, the library sends what was on its way once more, also if some of it
// had arrived.
func (s *coreShard) heard(c count, what kind) (isNew bool) {
	if c.number == 0 {
		return true // it has sent nothing yet
	}
	p := s.publishers[c.publisher]
	if p == nil {
		p = &publisher{last: c.before(what)}
		if p.last > 0 && time.Since(s.since) > silence {
			s.gap() // we should have heard of it before
		}
		s.publishers[c.publisher] = p
	}
	p.heard, p.silent = time.Now(), false
	if c.number < p.last || what == aRecord && c.number == p.last {
		return what != aRecord
	}
	if p.last != c.before(what) {
		s.gap()
	}
	p.last = c.number
	if what == aFarewell {
		delete(s.publishers, c.publisher)
	}
	return true
}

// look looks for publishers that are not heard of any more: what they have sent last
// may have reached others and not us. Their numbers are kept for a while: they may only
// be cut off, and send again what we have had.
func (s *coreShard) look() {
	if len(s.arrived) > 0 {
		return // we may be late ourselves
	}
	for id, p := range s.publishers {
		switch quiet := time.Since(p.heard); {
		case quiet > forgetAfter:
			delete(s.publishers, id)
		case quiet > silence && !p.silent:
			p.silent = true
			s.gap()
		}
	}
}

// ping sends something, and waits until it arrives.
func (s *coreShard) ping(ctx context.Context, end <-chan struct{}) error {
	answer := s.pings.wait()
	defer s.pings.forget(answer)
	if err := s.tell(aPing); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	select {
	case <-answer:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-end:
		return wshub.ErrBusClosed
	}
}

// pings are those that wait for an answer.
type pings struct {
	mu      sync.Mutex
	waiting map[chan struct{}]struct{}
}

func (p *pings) wait() chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting == nil {
		p.waiting = make(map[chan struct{}]struct{})
	}
	answer := make(chan struct{})
	p.waiting[answer] = struct{}{}
	return answer
}

func (p *pings) forget(answer chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiting, answer)
}

// answer answers all: one that comes means that the connection works.
func (p *pings) answer() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for answer := range p.waiting {
		close(answer)
	}
	clear(p.waiting)
}
