package wstest

import (
	"testing"
	"time"
)

// Patience bounds what hangs only if something is wrong. No verdict depends on it.
const Patience = time.Minute

// Until waits until done says so, and ends the test if it does not within Patience.
// It is for what no event tells, such as what the kernel or another process does.
func Until(t testing.TB, what string, done func() bool) {
	t.Helper()
	if !Poll(Patience, done) {
		t.Fatalf("it has not happened within %v: %s", Patience, what)
	}
}

// Poll asks done, ever less often, until it says so or patience has run out, and
// returns what it has said last.
func Poll(patience time.Duration, done func() bool) bool {
	begun := time.Now()
	for pause := time.Microsecond; !done(); pause = min(2*pause, 50*time.Millisecond) {
		if time.Since(begun) > patience {
			return false
		}
		<-time.After(pause)
	}
	return true
}
