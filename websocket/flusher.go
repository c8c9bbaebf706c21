package websocket

import (
	"sync"
	"sync/atomic"
	"time"
)

// Replies that are held back leave when what was received has been handled. A
// handler that takes long, or waits for the answer to its own reply, must not keep
// them: after flushAfter to twice that they leave in any case.
const flushAfter = 5 * time.Millisecond

// flushLate sees to that. It needs the lock of the output.
//
// Connections with a descriptor share a goroutine, because that costs a
// connection least when it sends often; the others have a timer each, and so work
// in a bubble of testing/synctest.
func (c *Conn) flushLate() {
	if c.out.late.Swap(true) {
		return
	}
	if c.transport.raw == nil {
		time.AfterFunc(flushAfter, c.flushNow)
		return
	}
	flushers.add(c)
}

func (c *Conn) flushNow() {
	c.out.late.Store(false)
	if c.transport.raw != nil {
		c.flushHeld(sending{})
	} else if c.out.drains.CompareAndSwap(noDrain, draining) {
		c.drain()
	}
}

// flusher is a goroutine that looks after connections. It ends when there has been
// nothing to do for a while.
type flusher struct {
	awake atomic.Bool
	mu    sync.Mutex
	conns []*Conn
}

var flushers flusher

// keptConns is how long a list may be that is used again.
const keptConns = 128

// idleTurns is how often the flusher looks without anything to do.
const idleTurns = 20

func (f *flusher) add(c *Conn) {
	f.mu.Lock()
	f.conns = append(f.conns, c)
	f.mu.Unlock()
	if !f.awake.Load() && f.awake.CompareAndSwap(false, true) {
		go f.run()
	}
}

func (f *flusher) run() {
	var spare []*Conn
	for idle := 0; idle < idleTurns; idle++ {
		time.Sleep(flushAfter)
		f.mu.Lock()
		conns := f.conns
		f.conns = spare[:0]
		f.mu.Unlock()
		for _, c := range conns {
			c.flushNow()
			idle = 0
		}
		clear(conns)
		if spare = conns; cap(spare) > keptConns {
			spare = nil
		}
	}
	f.awake.Store(false)
	f.mu.Lock()
	left := len(f.conns) > 0 // of those that have found it awake
	if !left {
		f.conns = nil
	}
	f.mu.Unlock()
	if left && f.awake.CompareAndSwap(false, true) {
		go f.run()
	}
}
