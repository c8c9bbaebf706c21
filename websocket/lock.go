package websocket

import "sync/atomic"

// lock is a mutex whose waiters can give up. The zero value is free. Taking it
// and giving it back without anybody waiting are one atomic operation each.
type lock struct {
	state   atomic.Int32
	waiters atomic.Int32
	turn    atomic.Pointer[chan struct{}] // made by the first that has to wait
}

const (
	free = iota
	held
	contended // held, and somebody may be waiting
)

func (l *lock) tryLock() bool { return l.state.CompareAndSwap(free, held) }

// lock waits until it has the lock, or one of the channels is closed. nil
// channels stand for nothing.
func (l *lock) lock(done, ended <-chan struct{}) bool {
	if l.tryLock() {
		return true
	}
	l.waiters.Add(1)
	defer l.waiters.Add(-1)
	turn := l.turns()
	for l.state.Swap(contended) != free {
		select {
		case <-turn:
		case <-done:
			return false
		case <-ended:
			return false
		}
	}
	return true
}

// wanted reports whether somebody waits for the lock. Whoever could do without
// it leaves it to them.
func (l *lock) wanted() bool { return l.waiters.Load() > 0 }

// unlock lets one of those that wait try again. A turn that nobody takes is
// taken by the next one to come, which then looks once more than needed.
func (l *lock) unlock() {
	if l.state.Swap(free) == contended {
		select {
		case l.turns() <- struct{}{}:
		default:
		}
	}
}

func (l *lock) turns() chan struct{} {
	if p := l.turn.Load(); p != nil {
		return *p
	}
	c := make(chan struct{}, 1)
	if l.turn.CompareAndSwap(nil, &c) {
		return c
	}
	return *l.turn.Load()
}
