package wshub

import (
	"sync"
	"sync/atomic"
	"time"
)

// line does things one after another, in the order in which they have come in, without
// holding a lock. Whoever brings one does it, and what others bring meanwhile; if there
// is more and more of that, it leaves the rest to a goroutine.
type line[T job] struct {
	mu      sync.Mutex // also of what gives the order
	waiting []T        // from taken on
	taken   int
	busy    bool
	room    sync.Cond // there is room to wait in
	waits   waits
}

// job is what is done in a line. It adds to steps as it gets on.
type job interface{ do(steps *atomic.Uint32) }

// waits is what a line knows about those that wait for room.
type waits struct {
	steps   atomic.Uint32
	watched bool
	stuck   bool // whoever does things does not get on, and may wait for one of those here
}

// maxWaiting is how many things wait before those that bring more wait for room.
const maxWaiting = 256

// maxForOthers is how many things of others a goroutine does before it leaves the rest
// to another one: it has something else to do.
const maxForOthers = 16

// patience is how long nothing has to get on for a line to count as stuck: whoever
// does what is first in it brings more, which would have to wait for itself. Until
// that is done, nobody waits.
const patience = 10 * time.Millisecond

// lock locks the line as soon as there is room.
func (l *line[T]) lock() {
	l.mu.Lock()
	for len(l.waiting)-l.taken >= maxWaiting && !l.waits.stuck {
		if !l.waits.watched {
			l.watch()
		}
		l.room.Wait()
	}
}

// watch looks, after a while, whether anything has got on.
func (l *line[T]) watch() {
	l.room.L = &l.mu
	before := l.waits.steps.Load()
	l.waits.watched = true
	time.AfterFunc(patience, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.waits.watched = false
		l.waits.stuck = l.busy && l.waits.steps.Load() == before
		l.room.Broadcast() // whoever has to wait on watches again
	})
}

// bring adds a job, unlocks the line, and has it done, by the caller if nobody else
// is at it.
func (l *line[T]) bring(j T) {
	mine := l.put(j)
	l.mu.Unlock()
	if mine {
		l.begin()
	}
}

// put adds a job, with the lock. It reports whether the caller has to call begin, once
// it has no lock any more.
func (l *line[T]) put(j T) (mine bool) {
	l.waiting = append(l.waiting, j)
	mine = !l.busy
	l.busy = true
	return mine
}

// begin does what waits.
func (l *line[T]) begin() { l.work(1 + maxForOthers) }

// work does what waits: n jobs at most, and the others in a goroutine. If n is
// negative, it does all.
func (l *line[T]) work(n int) {
	finished := false
	defer func() {
		if !finished { // or a job has panicked, and is over
			go l.work(-1)
		}
	}()
	for ; n != 0; n-- {
		j, ok := l.next()
		if !ok {
			finished = true
			return
		}
		j.do(&l.waits.steps)
	}
}

// next returns what is to be done next. If there is nothing, nobody is at it any
// more.
func (l *line[T]) next() (j T, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waits.stuck = false
	l.waits.steps.Add(1)
	if len(l.waiting) == l.taken {
		l.busy = false
		return j, false
	}
	var none T
	j, l.waiting[l.taken] = l.waiting[l.taken], none
	if l.taken++; l.taken == len(l.waiting) {
		l.waiting, l.taken = l.waiting[:0], 0
	} else if l.taken >= maxWaiting && l.taken > len(l.waiting)/2 {
		n := copy(l.waiting, l.waiting[l.taken:])
		clear(l.waiting[n:])
		l.waiting, l.taken = l.waiting[:n], 0
	}
	l.room.Signal()
	return j, true
}
