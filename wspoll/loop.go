package wspoll

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/wirews/wirews/wsproto"
)

// loop is one goroutine that serves connections. What is its own needs no lock.
type loop struct {
	server *Server
	poll   poller
	epoch  time.Time
	count  atomic.Int32 // connections, those on their way to the loop included
	counts ledger

	// of the loop's goroutine
	now     time.Duration // when this turn began
	conns   slots
	timers  timers
	ready   []*Conn // that have something to be done, in the order of their turns
	served  []*Conn // memory for ready
	events  []event
	scratch []byte        // where a handshake, and what is dropped, is received
	shaker  handshaker    // the handshake that is being answered
	taken   []task        // memory for tasks
	drain   bool          // it ends with its last connection
	stopped chan struct{} // closed when all was ended at once

	mu     sync.Mutex
	tasks  []task // of other goroutines
	over   bool   // it has ended, and does nothing any more
	report wsproto.ShutdownReport
}

// task is what another goroutine wants the loop to do.
type task struct {
	what taskKind
	conn *Conn
}

type taskKind uint8

const (
	taskAdd    taskKind = iota // a new connection
	taskLook                   // something has changed that the loop has to do with
	taskBack                   // a worker is done with a connection
	taskDecide                 // a decision has been made
	taskKill                   // end it at once
	taskDrain                  // close all of them, and end with the last one
	taskStop                   // end all of them at once, and the loop
)

// longTurn is how long a turn may take without being counted as long.
const longTurn = 100 * time.Millisecond

const scratchSize = 64 << 10

func newLoop(s *Server, p poller) *loop {
	l := &loop{server: s, poll: p, epoch: time.Now(), scratch: make([]byte, scratchSize), stopped: make(chan struct{})}
	l.shaker.init(s)
	return l
}

// clock returns the time in the terms of package endpoint. Any goroutine may ask.
func (l *loop) clock() time.Duration { return time.Since(l.epoch) }

// post has the loop do something, and returns at once: false if the loop has ended.
func (l *loop) post(what taskKind, c *Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return false
	}
	l.tasks = append(l.tasks, task{what, c})
	l.poll.wake()
	return true
}

// run is the loop.
func (l *loop) run() {
	for !l.ends() {
		if err := l.turn(); err != nil {
			// Nothing can be waited for any more. It does not happen with a poller
			// that is in order.
			l.server.report(err)
			l.drain = true
			l.removeAll(err)
		}
	}
	l.hasStopped()
	l.poll.close()
}

// hasStopped tells whoever waits for it that all was ended.
func (l *loop) hasStopped() {
	select {
	case <-l.stopped:
	default:
		close(l.stopped)
	}
}

// ends reports whether nothing is left to be done, and nothing can come.
func (l *loop) ends() bool {
	if !l.drain || l.conns.used > 0 {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = len(l.tasks) == 0
	return l.over
}

// turn waits for something to happen and does what there is to do: first what
// other goroutines want, then what the poller has reported, then a share of work
// for each connection that has some, and then what is due.
func (l *loop) turn() (err error) {
	l.events, err = l.poll.wait(l.events[:0], l.patience())
	if err != nil {
		return err
	}
	l.now = l.clock()
	l.runTasks()
	for _, ev := range l.events {
		if c := l.conns.get(ev.token); c != nil {
			c.reported(ev.what)
		}
	}
	l.serveReady()
	for c := l.timers.take(l.now); c != nil; c = l.timers.take(l.now) {
		c.ring()
	}
	if l.clock()-l.now > longTurn {
		l.server.longTurns.Add(1)
	}
	return nil
}

// patience is how long the poller may wait.
func (l *loop) patience() time.Duration {
	if len(l.ready) > 0 {
		return 0
	}
	if at, ok := l.timers.next(); ok {
		return max(at-l.clock(), 0)
	}
	return -1
}

func (l *loop) runTasks() {
	l.mu.Lock()
	l.tasks, l.taken = l.taken[:0], l.tasks
	l.mu.Unlock()
	for i, t := range l.taken {
		l.taken[i] = task{}
		l.do(t)
	}
	if cap(l.taken) > keepTasks {
		l.taken = nil
	}
}

// keepTasks is how many tasks the memory is kept for.
const keepTasks = 1 << 10

func (l *loop) do(t task) {
	switch t.what {
	case taskAdd:
		l.add(t.conn)
	case taskLook:
		t.conn.look()
	case taskBack:
		t.conn.back()
	case taskDecide:
		t.conn.decided()
	case taskKill:
		t.conn.remove(wsproto.EndedByUs, nil)
	case taskDrain:
		l.drain = true
		l.conns.each((*Conn).goAway)
	case taskStop:
		l.drain = true
		l.removeAll(nil)
		l.mu.Lock()
		l.report.Handlers = l.conns.used // those that workers have
		l.mu.Unlock()
		l.hasStopped()
	}
}

func (l *loop) removeAll(err error) {
	l.conns.each(func(c *Conn) { c.remove(wsproto.EndedByUs, err) })
}

// enqueue gives c a turn, after those that have been given one before.
func (l *loop) enqueue(c *Conn) {
	if !c.inLine && !c.lent {
		c.inLine = true
		l.ready = append(l.ready, c)
	}
}

// serveReady gives each connection that is ready a turn. Whoever has more to do
// after its share is served in the next turn of the loop, after all others.
func (l *loop) serveReady() {
	l.ready, l.served = l.served[:0], l.ready
	for i, c := range l.served {
		l.served[i] = nil
		if c.inLine = false; !c.gone {
			c.serve()
		}
	}
}

// add begins to serve a connection.
func (l *loop) add(c *Conn) {
	if err := l.poll.add(c.socket, l.conns.add(c)); err != nil {
		l.server.report(err)
		c.remove(wsproto.EndedByTransport, err)
		return
	}
	if l.drain {
		c.remove(wsproto.EndedByUs, ErrServerClosed)
		return
	}
	c.begin()
}
