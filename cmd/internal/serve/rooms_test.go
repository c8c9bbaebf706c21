package serve

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
)

// enter has somebody of a name enter, and returns the name that is given.
func enter(r *rooms, room, name string) string {
	m := &member{room: room, name: name}
	r.enter(m)
	return m.name
}

// However many have a name, the next one is not compared with all of them.
func TestVeryManyMayHaveOneName(t *testing.T) {
	const n = 20_000 // which took minutes
	r := newRooms(1, nil, "")
	seen := make(map[string]bool)
	for range n {
		seen[enter(r, "lobby", "guest")] = true
	}
	if len(seen) != n || !seen["guest"] || !seen["guest-2"] || !seen[fmt.Sprint("guest-", n)] {
		t.Errorf("%d have %d names, as %q", n, len(seen), slices.Sorted(maps.Keys(seen))[:3])
	}
}

// What a node names is the same as long as nobody comes or leaves, and says whether it
// is all.
func TestWhoIsNamedIsTheSameUntilSomethingHappens(t *testing.T) {
	r := newRooms(1, nil, "")
	for i := range maxOfRoom {
		enter(r, "r0", fmt.Sprint("n", i))
	}
	if here, more := r.here(); more || len(here["r0"]) != maxOfRoom {
		t.Errorf("%d of %d, more: %v", len(here["r0"]), maxOfRoom, more)
	}
	for room := range 15 {
		for i := range maxOfRoom {
			enter(r, fmt.Sprint("r", room), fmt.Sprint("n", i))
		}
	}
	first, more := r.here()
	if second, _ := r.here(); !more || !reflect.DeepEqual(first, second) {
		t.Errorf("more: %v; %q, then %q", more, slices.Sorted(maps.Keys(first)), slices.Sorted(maps.Keys(second)))
	}
}
