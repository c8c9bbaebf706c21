package websocket

import "sync/atomic"

// lock is a mutex whose waiters can give up. The zero value is free. Taking it
// and giving it back without anybody waiting are one atomic operation each.
//
// Whoever comes while it is free takes it, also before one that has waited and
// been woken: that saves a switch of goroutines. A waiter that has been passed
// over so is given the lock by the next unlock, and nobody can come between.
type lock struct {
	state   atomic.Int32
	waiters atomic.Pointer[waiters] // made by the first that has to wait
}

// waiters is how those that wait are told.
type waiters struct {
	again chan struct{} // one of them may look again
	given chan struct{} // the lock is the one's that receives
}

const (
	free = iota
	held
	contended  // held, and somebody may be waiting
	passedOver // held, and somebody has been woken before and found it taken
)

func (l *lock) tryLock() bool { return l.state.CompareAndSwap(free, held) }

// lock waits until it has the lock, or one of the channels is closed. nil
// channels stand for nothing.
func (l *lock) lock(done, ended <-chan struct{}) bool {
	if l.tryLock() {
		return true
	}
	w := l.wait()
	for as := int32(contended); !l.takeOr(as); {
		select {
		case <-w.given:
			return true
		case <-w.again:
			as = passedOver
		case <-done:
			return false
		case <-ended:
			return false
		}
	}
	return true
}

// takeOr takes the lock if it is free. If not, it is at least in the given state.
func (l *lock) takeOr(as int32) bool {
	for {
		switch s := l.state.Load(); {
		case s == free:
			if l.state.CompareAndSwap(free, contended) {
				return true
			}
		case s >= as || l.state.CompareAndSwap(s, as):
			return false
		}
	}
}

// unlock lets one of those that wait try again, or gives it the lock if one has
// been passed over. A leave to try again that nobody takes is taken by the next
// one to come, which then looks once more than needed.
func (l *lock) unlock() {
	if l.state.CompareAndSwap(held, free) {
		return
	}
	w := l.wait()
	if l.state.CompareAndSwap(passedOver, contended) {
		select {
		case w.given <- struct{}{}:
			return
		default: // all that waited have given up, or are looking
		}
	}
	l.state.Store(free)
	select {
	case w.again <- struct{}{}:
	default:
	}
}

func (l *lock) wait() *waiters {
	if w := l.waiters.Load(); w != nil {
		return w
	}
	l.waiters.CompareAndSwap(nil, &waiters{make(chan struct{}, 1), make(chan struct{})})
	return l.waiters.Load()
}
