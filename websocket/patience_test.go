package websocket

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// However late a step comes, because the machine has stood still, it counts as one: what
// is waited for has its time when all go on.
func TestAStandstillDoesNotUseUpPatience(t *testing.T) {
	const standstill = time.Hour
	for late := range patienceSteps {
		synctest.Test(t, func(t *testing.T) {
			begun, steps := time.Now(), 0
			called := make(chan time.Duration, 1)
			patiently(func() bool {
				if steps == late {
					time.Sleep(standstill) // of the bubble
				}
				steps++
				return true
			}, func() { called <- time.Since(begun) })
			if took := <-called; took != standstill+patience || steps != patienceSteps {
				t.Errorf("late in step %d: patience ran out after %v and %d steps, want %v and %d", late, took, steps, standstill+patience, patienceSteps)
			}
		})
	}
}

// What comes within patience is not too late, and patience ends without it.
func TestPatienceEndsWhenItIsToEnd(t *testing.T) {
	for _, after := range []time.Duration{0, patience - 1, patience + 1} {
		synctest.Test(t, func(t *testing.T) {
			begun, comes := time.Now(), after < patience
			done := make(chan struct{})
			time.AfterFunc(after, func() { close(done) })
			ended := false
			patiently(func() bool { return time.Since(begun) < after }, func() { ended = true })
			ctx, cancel := withPatience(t.Context())
			defer cancel()
			if soon := comesSoon(done); soon != comes {
				t.Errorf("after %v: it comes soon: %v", after, soon)
			}
			if <-ctx.Done(); time.Since(begun) != patience {
				t.Errorf("the context ends after %v", time.Since(begun))
			}
			time.Sleep(patience) // of the bubble
			synctest.Wait()
			if ended == comes {
				t.Errorf("after %v: f was called: %v", after, ended)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		parent, cancel := context.WithCancel(t.Context())
		ctx, stop := withPatience(parent)
		defer stop()
		if cancel(); ctx.Err() == nil {
			t.Error("it outlives its parent")
		}
	})
}
