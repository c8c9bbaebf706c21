package wstest

import (
	"bytes"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	badpeer "github.com/wirews/wirews/internal/wstest"
)

// NoLeaks fails the test if goroutines that it has begun outlive it, and shows where
// they are. It is called at the beginning of the test, and looks once everything
// that is cleaned up later has been. Goroutines have half a minute to end; the test
// goes on as soon as they have.
//
// Those in whose stack one of the texts occurs, such as a function's name, may stay.
// Idle connections of http.DefaultTransport are closed before it looks.
//
// Tests that run in parallel begin goroutines too, which cannot be told from those
// of this one. A bubble of testing/synctest needs no NoLeaks: it does not end before
// its goroutines.
func NoLeaks(t testing.TB, allowed ...string) {
	t.Helper()
	before := goroutines()
	t.Cleanup(func() {
		t.Helper()
		report(t, leaked(before, allowed, patience))
	})
}

func report(t testing.TB, left []string) {
	t.Helper()
	if len(left) > 0 {
		t.Errorf("wstest: %d goroutines outlive the test:\n\n%s", len(left), strings.Join(left, "\n\n"))
	}
}

// leaked waits until no goroutine is left that was not there before, and returns the
// stacks of those that are after so long.
func leaked(before map[string]string, allowed []string, patience time.Duration) (left []string) {
	if idle, ok := http.DefaultTransport.(*http.Transport); ok {
		idle.CloseIdleConnections()
	}
	badpeer.Poll(patience, func() bool {
		left = left[:0]
		for id, stack := range goroutines() {
			if _, ok := before[id]; !ok && !mayStay(stack, allowed) {
				left = append(left, stack)
			}
		}
		return len(left) == 0
	})
	slices.Sort(left)
	return left
}

// mayStay reports whether a goroutine is another test's own, or allowed.
func mayStay(stack string, allowed []string) bool {
	return strings.Contains(stack, "\ncreated by testing.") ||
		slices.ContainsFunc(allowed, func(text string) bool { return strings.Contains(stack, text) })
}

// goroutines returns the stacks of all goroutines, each by the words that begin it,
// such as "goroutine 18".
func goroutines() map[string]string {
	all := make([]byte, 1<<16)
	for {
		n := runtime.Stack(all, true)
		if n < len(all) {
			all = all[:n]
			break
		}
		all = make([]byte, 2*len(all))
	}
	stacks := make(map[string]string)
	for stack := range bytes.SplitSeq(all, []byte("\n\n")) {
		id, _, _ := bytes.Cut(stack, []byte(" ["))
		stacks[string(id)] = string(stack)
	}
	return stacks
}
