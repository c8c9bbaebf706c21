package websocket

import (
	"testing"
	"unsafe"
)

// The allocator has 288 bytes for what has 273 to 288, and 320 for more: see
// TestAnIdleConnectionHoldsNoBuffers. What few connections need is in extra.
func TestAConnIsNotLargerThanItMustBe(t *testing.T) {
	if n := unsafe.Sizeof(Conn{}); n > 288 {
		t.Errorf("a Conn has %d bytes, want at most 288", n)
	}
}
