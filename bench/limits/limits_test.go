package main

import (
	"strings"
	"testing"
)

// What docs/limits.md says that a connection holds at most: four times its limit of
// messages, or the smallest buffer, and beside it a window of 32 KiB and the tables
// of a decoder. Where nothing has a limit nothing is held.
func TestNoConnectionHoldsMoreThanItsLimits(t *testing.T) {
	if raceEnabled {
		t.Skip("with the race detector, pools drop at random what is given back, and what a connection holds is not to be told from that")
	}
	for _, s := range shells {
		for _, u := range uses {
			most := int64(160 << 10)
			if strings.HasPrefix(u.name, "message") {
				most += 4 * int64(s.message)
			}
			if u.deflated {
				most += 512 << 10
			}
			held(s, u, u.bytes(s)) // what is made once for all connections
			if got := held(s, u, u.bytes(s)); got > most {
				t.Errorf("%s, %s: %s is held, want %s at most", s.name, u.name, size(got), size(most))
			}
		}
	}
}
