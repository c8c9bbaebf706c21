//go:build linux

package hangup

import (
	"math/rand/v2"
	"testing"
)

type listener int

func (listener) HungUp() {}

// A table does what a map does whose keys are counted.
func TestATableKeepsListenersUnderTheirKeys(t *testing.T) {
	var table table
	twin := make(map[uint64]Listener)
	var keys []uint64 // of those that have been removed too
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 20 * blockSize {
		if n := len(keys); n > 0 && r.IntN(5) < 2 {
			key := keys[r.IntN(n)]
			delete(twin, key)
			table.remove(key)
		} else {
			key := table.add(listener(i))
			if _, known := twin[key]; known || key == 0 {
				t.Fatalf("key %#x stands for two", key)
			}
			twin[key] = listener(i)
			keys = append(keys, key)
		}
		if table.used != len(twin) {
			t.Fatalf("%d listeners, want %d", table.used, len(twin))
		}
	}
	for _, key := range append(keys, 0) {
		if got := table.get(key); got != twin[key] {
			t.Fatalf("key %#x stands for %v, want %v", key, got, twin[key])
		}
	}
	if most := len(keys)/blockSize + 1; len(table.blocks) >= most {
		t.Errorf("%d blocks: free slots are not used again", len(table.blocks))
	}
}
