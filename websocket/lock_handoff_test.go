package websocket

import (
	"context"
	"testing"
	"testing/synctest"
)

// A waiter that was woken and found the lock taken again has it next, however
// often another goroutine takes it when it is free.
func TestALockIsGivenToAWaiterThatWasPassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l lock
		l.tryLock()
		got := make(chan bool, 1)
		go func() { got <- l.lock(nil, nil) }()
		synctest.Wait() // it waits
		turns := 0
		for ; len(got) == 0 && turns < 100; turns++ {
			l.unlock()
			if !l.tryLock() {
				break // it is the waiter's
			}
			synctest.Wait() // which has been woken, and has to wait on
		}
		synctest.Wait()
		if len(got) == 0 || turns > 1 {
			t.Fatalf("passed over %d times, wanted at most once", turns)
		}
		if l.tryLock() {
			t.Fatal("two have it")
		}
		l.unlock()
		if !l.tryLock() {
			t.Error("it is not free")
		}
	})
}

// Nobody that waits is forgotten when another gives up, at whichever moment.
func TestALockWhoseWaitersGiveUp(t *testing.T) {
	for _, passes := range []int{0, 1, 2} {
		synctest.Test(t, func(t *testing.T) {
			var l lock
			l.tryLock()
			ctx, cancel := context.WithCancel(t.Context())
			gaveUp, got := make(chan bool, 1), make(chan bool, 1)
			go func() { gaveUp <- l.lock(ctx.Done(), nil) }()
			synctest.Wait()
			go func() { got <- l.lock(nil, nil) }()
			synctest.Wait()
			for range passes {
				if l.unlock(); !l.tryLock() {
					break
				}
				synctest.Wait()
			}
			cancel()
			synctest.Wait()
			if len(gaveUp) > 0 && !<-gaveUp {
				l.unlock()
			} else {
				l.unlock() // of the one that has not given up
			}
			synctest.Wait()
			if len(got) == 0 {
				t.Fatalf("passed over %d times: the one that still waits is forgotten", passes)
			}
		})
	}
}
