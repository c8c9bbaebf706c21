package websocket

import (
	"testing"
	"unsafe"
)

// What the documentation of Counters says that they cost.
func TestCountersAreAsLargeAsTheySay(t *testing.T) {
	if all, each := unsafe.Sizeof(Counters{}), unsafe.Sizeof(counting{}); all > 13<<10 || each > 750 {
		t.Errorf("Counters have %d bytes, a connection %d for them", all, each)
	}
	if n := unsafe.Sizeof(traffic{}); n%64 != 0 {
		t.Errorf("a part of Counters has %d bytes: it shares a line of the cache with the next", n)
	}
}
