package regress_test

import (
	"fmt"
	"testing"
)

// line is one line of the list of defects.
type line struct {
	id     string
	what   string // what is right, in one sentence
	mended bool   // gobwas/ws v1.5.0 is right as well

	// run tries it and tells what it saw.
	run func(lib library) (right bool, saw string)
}

// checkLines fails the test where wirews is wrong, and where what is said
// about gobwas/ws has ceased to be true.
func checkLines(t *testing.T, lines []line) {
	for _, l := range lines {
		t.Run(l.id+": "+l.what, func(t *testing.T) {
			if right, saw := l.try(wirewsLib{}); !right {
				t.Errorf("wirews is wrong: %s", saw)
			}
			right, saw := l.try(gobwasLib{})
			switch {
			case right && !l.mended:
				t.Errorf("gobwas/ws is right by now (%s): mark the line as mended", saw)
			case !right && l.mended:
				t.Errorf("gobwas/ws is wrong (%s), although the line is marked as mended", saw)
			case right:
				t.Logf("gobwas/ws, mended: %s", saw)
			default:
				t.Logf("gobwas/ws: %s", saw)
			}
		})
	}
}

// try runs the line. A panic is never right.
func (l line) try(lib library) (right bool, saw string) {
	defer func() {
		if v := recover(); v != nil {
			right, saw = false, fmt.Sprintf("panic: %v", v)
		}
	}()
	return l.run(lib)
}
