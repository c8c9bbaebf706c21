package websocket

import (
	"context"
	"time"
)

// patience is how long something is waited for that should come at once, and
// that no peer has a say in.
const patience = 250 * time.Millisecond

// It is counted in steps, each of which begins when somebody has seen the end of the one
// before. A machine may stand still for longer than patience, with all that runs on it,
// and when it goes on, a timer that is overdue comes as soon as what was waited for. That
// uses up one step, and not what is waited for.
const (
	patienceSteps = 10
	patienceStep  = patience / patienceSteps
)

// comesSoon reports whether done is closed before patience has run out.
func comesSoon(done <-chan struct{}) bool {
	for range patienceSteps {
		select {
		case <-done:
			return true
		case <-time.After(patienceStep):
		}
	}
	return false
}

// patiently calls f when patience has run out, unless wanted has said before that there
// is no need any more.
func patiently(wanted func() bool, f func()) { countDown(patienceSteps, wanted, f) }

// countDown is patiently with so many steps left.
func countDown(steps int, wanted func() bool, f func()) {
	time.AfterFunc(patienceStep, func() {
		switch {
		case !wanted():
		case steps > 1:
			countDown(steps-1, wanted, f)
		default:
			f()
		}
	})
}

// withPatience returns a context that ends when patience has run out, or with parent.
func withPatience(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	patiently(func() bool { return ctx.Err() == nil }, cancel)
	return ctx, cancel
}
