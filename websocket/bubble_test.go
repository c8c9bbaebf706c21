package websocket_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
)

// bubble runs a test in time that passes only when everybody waits. What all
// connections share has to be asleep when it begins and when it ends.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	serverTLS()
	asleep := func() {
		for !websocket.FlusherSleeps() {
			time.Sleep(time.Millisecond)
		}
	}
	asleep()
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(asleep)
		test(t)
	})
}

// stopwatch returns how long ago it was called.
func stopwatch() func() time.Duration {
	begin := time.Now()
	return func() time.Duration { return time.Since(begin) }
}
