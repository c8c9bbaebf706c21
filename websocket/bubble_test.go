package websocket_test

import (
	"bytes"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
)

// bubble runs a test in time that passes only when everybody waits. What all
// connections share has to be asleep when it begins and when it ends.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	serverTLS()
	noFlusher(t)
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { noFlusher(t) })
		test(t)
	})
}

// noFlusher waits until nobody looks after what is held back. Whoever does may
// have been begun by another test, outside of the bubble of this one.
func noFlusher(t *testing.T) {
	t.Helper()
	wstest.Until(t, "the flusher sleeps", websocket.FlusherSleeps)
}

// waiting returns how many goroutines wait in a function, such as
// "websocket.(*Conn).Read(". It allocates nothing: their stacks go to b.
func waiting(b []byte, function string) (n int) {
	rest := b[:runtime.Stack(b, true)]
	for len(rest) > 0 {
		var stack []byte
		stack, rest, _ = bytes.Cut(rest, []byte("\n\n"))
		state, calls, _ := bytes.Cut(stack, []byte("\n"))
		running := bytes.Contains(state, []byte("[run")) // running, or runnable
		if !running && bytes.Contains(calls, []byte(function)) {
			n++
		}
	}
	return n
}

// stopwatch returns how long ago it was called.
func stopwatch() func() time.Duration {
	begin := time.Now()
	return func() time.Duration { return time.Since(begin) }
}

// inBubble runs a part of a test in a bubble.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { bubble(t, test) })
}
