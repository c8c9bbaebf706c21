package autobahn

import (
	"net"
	"runtime"
	"sync"
)

// sender writes to a connection on a goroutine of its own, so that the session
// goes on reading while a peer does not: an endpoint that echoes a message
// before it has all of it would otherwise wait for us as we wait for it.
type sender struct {
	conn net.Conn

	mu     sync.Mutex
	more   *sync.Cond
	queue  []piece
	closed bool // drop what is queued
	ended  bool // end once the queue is empty
	done   chan struct{}
}

// piece is one write, or with a chop several.
type piece struct {
	b     []byte
	chop  int    // the size of its writes, 0 for one
	after func() // what to do once it is written
}

func newSender(conn net.Conn) *sender {
	s := &sender{conn: conn, done: make(chan struct{})}
	s.more = sync.NewCond(&s.mu)
	go s.run()
	return s
}

// send queues a piece, which it owns from now on.
func (s *sender) send(p piece) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, p)
	s.more.Signal()
}

// end lets the sender write what is queued and end.
func (s *sender) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.more.Signal()
}

// cut ends the sender. What is queued is dropped. A write that is under way ends
// with the connection.
func (s *sender) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.more.Signal()
}

func (s *sender) next() (p piece, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) == 0 && !s.closed && !s.ended {
		s.more.Wait()
	}
	if len(s.queue) == 0 || s.closed {
		return piece{}, false
	}
	p, s.queue = s.queue[0], s.queue[1:]
	return p, true
}

func (s *sender) stopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// run writes until it is told to end. A failed write is the peer's doing, and
// the session sees it as the end of what it reads.
func (s *sender) run() {
	defer close(s.done)
	for {
		p, ok := s.next()
		if !ok {
			return
		}
		size := p.chop
		if size == 0 {
			size = len(p.b)
		}
		for b := p.b; len(b) > 0; {
			n := min(size, len(b))
			if _, err := s.conn.Write(b[:n]); err != nil || s.stopped() {
				break
			}
			if b = b[n:]; len(b) > 0 {
				// The other goroutines get a turn between two pieces.
				runtime.Gosched()
			}
		}
		if p.after != nil {
			p.after()
		}
	}
}
