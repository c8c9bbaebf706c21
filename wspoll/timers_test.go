package wspoll

import (
	"math/rand/v2"
	"testing"
	"time"
)

// Timers ring in the order of their times, and are moved to earlier only.
func TestTimersRingInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var all timers
		want := make(map[*Conn]time.Duration)
		for range 50 {
			c := &Conn{timer: none}
			for range 1 + r.IntN(3) {
				at := time.Duration(r.IntN(100))
				all.set(c, at)
				if old, ok := want[c]; !ok || at < old {
					want[c] = at
				}
			}
			if r.IntN(4) == 0 {
				all.remove(c)
				all.remove(c)
				delete(want, c)
			}
		}
		last := time.Duration(0)
		for len(want) > 0 {
			at, ok := all.next()
			if !ok || all.take(at-1) != nil {
				t.Fatal("a timer rings too early, or not at all")
			}
			c := all.take(at)
			if c == nil || want[c] != at || at < last || c.timer != none {
				t.Fatalf("a timer rings at %v, want %v", at, want[c])
			}
			delete(want, c)
			last = at
		}
		if _, ok := all.next(); ok {
			t.Fatal("a timer is left")
		}
	}
}
