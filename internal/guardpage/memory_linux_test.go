package guardpage_test

import (
	"runtime/debug"
	"testing"
	"unsafe"

	"github.com/wirews/wirews/internal/guardpage"
)

// TestNeighboursFault reads and writes the bytes next to the memory.
func TestNeighboursFault(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	m := guardpage.Memory(t, 10000)
	if len(m) < 10000 {
		t.Fatalf("%d bytes, want 10000 or more", len(m))
	}
	for i := range m {
		m[i] = byte(i)
	}
	first := unsafe.Pointer(&m[0])
	for _, off := range []int{-1, len(m)} {
		neighbour := (*byte)(unsafe.Add(first, off))
		if !faults(func() { *neighbour++ }) {
			t.Errorf("the byte at %d can be written", off)
		}
		if !faults(func() { sink = *neighbour }) {
			t.Errorf("the byte at %d can be read", off)
		}
	}
}

var sink byte

func faults(f func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	f()
	return false
}
