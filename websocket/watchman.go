package websocket

import (
	"sync"
	"sync/atomic"
	"time"
)

// watchman sends what connections have held back for longer than it takes to
// handle what they have received: a handler that waits for an answer to its own
// reply must not wait for ever. It is a goroutine that looks once in a
// millisecond, and ends when there has been nothing to see for a while.
//
// Hardly anything is held back for that long, so what counts is how little it
// costs to be seen: a connection puts itself into a post while it holds
// something back, and takes itself out again. If its post is taken, it is put
// on a list.
type watchman struct {
	awake atomic.Bool
	posts [64]post

	mu   sync.Mutex
	list []*Conn
}

// post has a cache line of its own.
type post struct {
	conn atomic.Pointer[Conn]
	_    [56]byte
}

var watchmen watchman

const (
	watchOften  = time.Millisecond
	watchSeldom = 8 * time.Millisecond
	watchIdle   = 20 // looks without anything to see
)

// nextPost spreads connections over posts.
var nextPost atomic.Uint32

func (w *watchman) post(c *Conn) *atomic.Pointer[Conn] {
	return &w.posts[int(c.post)%len(w.posts)].conn
}

// watch has c looked at, once.
func (w *watchman) watch(c *Conn) {
	if w.watches(c) {
		return
	}
	if !w.post(c).CompareAndSwap(nil, c) {
		w.enlist(c)
	}
	if !w.awake.Load() && w.awake.CompareAndSwap(false, true) {
		go w.run()
	}
}

func (w *watchman) watches(c *Conn) bool { return w.post(c).Load() == c || c.seen.Load() }

// enlist is watch for a connection whose post is taken.
func (w *watchman) enlist(c *Conn) {
	if c.seen.Swap(true) {
		return
	}
	w.mu.Lock()
	w.list = append(w.list, c)
	w.mu.Unlock()
}

// dismiss says that c holds nothing back any more.
func (w *watchman) dismiss(c *Conn) {
	if p := w.post(c); p.Load() == c {
		p.CompareAndSwap(c, nil)
	}
}

func (w *watchman) run() {
	var conns []*Conn
	interval := watchOften
	for idle := 0; ; {
		time.Sleep(interval)
		clear(conns)
		conns = w.collect(conns[:0])
		for _, c := range conns {
			c.flushNow()
		}
		interval = min(2*interval, watchSeldom)
		if idle++; len(conns) > 0 {
			idle, interval = 0, watchOften
		}
		if idle < watchIdle {
			continue
		}
		w.awake.Store(false)
		// Who came before that has found it awake.
		if !w.anything() || !w.awake.CompareAndSwap(false, true) {
			return
		}
		idle = 0
	}
}

// collect takes all connections out of their posts and off the list.
func (w *watchman) collect(conns []*Conn) []*Conn {
	for i := range w.posts {
		if p := &w.posts[i].conn; p.Load() != nil {
			if c := p.Swap(nil); c != nil {
				conns = append(conns, c)
			}
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.list {
		c.seen.Store(false)
		conns = append(conns, c)
	}
	clear(w.list)
	w.list = w.list[:0]
	return conns
}

func (w *watchman) anything() bool {
	for i := range w.posts {
		if w.posts[i].conn.Load() != nil {
			return true
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.list) > 0
}
