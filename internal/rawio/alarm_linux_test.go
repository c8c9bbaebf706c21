package rawio

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAnAlarmStaysOnWhileItIsWantedAndOnePeriodLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a alarm
		for i, at := range []struct {
			after time.Duration // the last time
			on    bool
		}{
			{0, false},
			{0, true},
			{period - 1, true},
			{period, true},
			{period, true},
			{period, true},
			{2 * period, false}, // it went off twice
			{0, true},
			{period / 2, true},
			{time.Hour, false},
		} {
			time.Sleep(at.after)
			synctest.Wait()
			if on := a.set(); on != at.on {
				t.Fatalf("%d, %v later: on is %v, want %v", i, at.after, on, at.on)
			}
		}
	})
}

// It goes off for the last time, or is wanted before: nobody relies on an alarm that is
// off. (In a bubble, for it goes off again after 10 ms.)
func TestAnAlarmThatIsGoneIsNotReliedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a alarm
		a.state.Store(on)
		a.goesOff()
		if a.set() || a.state.Load() != wanted {
			t.Errorf("relied on; state %d", a.state.Load())
		}
		a.timer.Stop()
	})
}
