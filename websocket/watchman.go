package websocket

import (
	"sync"
	"time"
)

// watchman sends what connections hold back for longer than it takes to handle
// what they have received: a handler that waits for an answer to its own reply
// must not wait for ever. It is a goroutine that looks at the connections that
// have asked for it once in a millisecond, and ends when there are none. What
// is held back longer by then, is no more than a write that comes early.
type watchman struct {
	mu      sync.Mutex
	conns   []*Conn
	running bool
}

var watchmen watchman

const watchInterval = time.Millisecond

// watch has c looked at. It is cheap if c waits for that already.
func (w *watchman) watch(c *Conn) {
	if c.seen.Load() || c.seen.Swap(true) {
		return
	}
	w.mu.Lock()
	w.conns = append(w.conns, c)
	start := !w.running
	w.running = true
	w.mu.Unlock()
	if start {
		go w.run()
	}
}

func (w *watchman) run() {
	var conns []*Conn
	for {
		time.Sleep(watchInterval)
		clear(conns)
		w.mu.Lock()
		w.conns, conns = conns[:0], w.conns
		if len(conns) == 0 {
			w.running, w.conns = false, nil
		}
		w.mu.Unlock()
		if len(conns) == 0 {
			return
		}
		for _, c := range conns {
			c.seen.Store(false)
			c.overdue()
		}
	}
}

// overdue sends what is still held back. Whoever has the writing lock does
// that himself, or asks again.
func (c *Conn) overdue() {
	if !c.writing.tryLock() {
		watchmen.watch(c)
		return
	}
	if c.cause.Load() != nil || c.pending() == 0 {
		c.unlockWriting()
		return
	}
	if c.raw != nil {
		c.flushSome()
		c.unlockWriting()
		return
	}
	go func() {
		c.flushBlocking()
		c.unlockWriting()
	}()
}
