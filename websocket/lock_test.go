package websocket

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
)

// closedAlready is a channel that is closed.
func closedAlready() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

func TestALockIsHeldByOneAtATime(t *testing.T) {
	const workers, turns = 8, 500
	var l lock
	var wg sync.WaitGroup
	inside, sum, want := 0, 0, make([]int, workers)
	for i := range workers {
		wg.Go(func() {
			for turn := range turns {
				switch {
				case (i+turn)%4 == 0:
					if !l.tryLock() {
						continue
					}
				case (i+turn)%4 == 1:
					if !l.lock(closedAlready(), nil) {
						continue
					}
				default:
					if !l.lock(nil, nil) {
						t.Error("a lock was not given to somebody who waits for ever")
						return
					}
				}
				if inside++; inside != 1 {
					t.Error("two have it")
				}
				want[i]++
				sum++
				runtime.Gosched() // so that others find it taken
				inside--
				l.unlock()
			}
		})
	}
	wg.Wait()
	for _, n := range want {
		sum -= n
	}
	if sum != 0 {
		t.Errorf("%d turns went missing", -sum)
	}
	if !l.tryLock() {
		t.Error("it is not free in the end")
	}
}

func TestALockThatIsFreeIsTakenWhateverTheChannelsSay(t *testing.T) {
	for _, tc := range []struct {
		name        string
		done, ended <-chan struct{}
		held        bool
		want        bool
	}{
		{"free", nil, nil, false, true},
		{"free, done", closedAlready(), nil, false, true},
		{"free, ended", nil, closedAlready(), false, true},
		{"held, done", closedAlready(), nil, true, false},
		{"held, ended", nil, closedAlready(), true, false},
		{"held, both", closedAlready(), closedAlready(), true, false},
	} {
		var l lock
		if tc.held {
			l.tryLock()
		}
		if got := l.lock(tc.done, tc.ended); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
		l.unlock()
		if !l.tryLock() {
			t.Errorf("%s: it is not free afterwards", tc.name)
		}
	}
}

func TestAWaiterGivesUpByEitherChannel(t *testing.T) {
	for _, which := range []string{"done", "ended"} {
		synctest.Test(t, func(t *testing.T) {
			var l lock
			l.tryLock()
			channels := map[string]chan struct{}{"done": make(chan struct{}), "ended": make(chan struct{})}
			got := make(chan bool, 1)
			go func() { got <- l.lock(channels["done"], channels["ended"]) }()
			synctest.Wait()
			if len(got) > 0 {
				t.Fatalf("%s: it does not wait", which)
			}
			close(channels[which])
			if <-got {
				t.Errorf("%s: two have the lock", which)
			}
			if l.tryLock() {
				t.Errorf("%s: giving up has freed the lock", which)
			}
		})
	}
}

// Whichever comes first, the turn or the reason to give up: the other waiter has
// the lock in the end.
func TestAWaiterThatGivesUpTakesNoTurnFromOthers(t *testing.T) {
	for _, tc := range []struct {
		name          string
		unlock, first bool // gives up before the lock is free
	}{
		{"gives up, then a turn", true, true},
		{"a turn, then gives up", true, false},
	} {
		for range 50 { // select picks at random
			synctest.Test(t, func(t *testing.T) {
				var l lock
				l.tryLock()
				done := make(chan struct{})
				hasty, patient := make(chan bool, 1), make(chan bool, 1)
				go func() { hasty <- l.lock(done, nil) }()
				synctest.Wait()
				go func() { patient <- l.lock(nil, nil) }()
				synctest.Wait()
				if tc.first {
					close(done)
					l.unlock()
				} else {
					l.unlock()
					close(done)
				}
				synctest.Wait()
				if <-hasty {
					if len(patient) > 0 {
						t.Fatalf("%s: two have it", tc.name)
					}
					l.unlock()
				}
				synctest.Wait()
				if len(patient) == 0 {
					t.Fatalf("%s: nobody has it, and one waits for ever", tc.name)
				}
			})
		}
	}
}

// A turn that was left for a waiter which has given up meanwhile lets nobody in
// while the lock is held.
func TestATurnThatNobodyTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l lock
		l.tryLock()
		if l.lock(closedAlready(), nil) {
			t.Fatal("two have it")
		}
		l.unlock() // for nobody
		if !l.tryLock() {
			t.Fatal("it is not free")
		}
		got := make(chan bool, 1)
		go func() { got <- l.lock(nil, nil) }()
		synctest.Wait()
		if len(got) > 0 {
			t.Fatal("two have it")
		}
		l.unlock()
		synctest.Wait()
		if len(got) == 0 {
			t.Fatal("the next turn is lost")
		}
		l.unlock()
		if !l.tryLock() {
			t.Error("it is not free in the end")
		}
	})
}

func TestALockThatNobodyElseWantsCostsNoMemory(t *testing.T) {
	var l lock
	if n := testing.AllocsPerRun(100, func() {
		l.lock(nil, nil)
		l.unlock()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if l.waiters.Load() != nil {
		t.Error("it has made a channel that nobody waits for")
	}
}
