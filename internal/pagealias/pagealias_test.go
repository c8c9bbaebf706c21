package pagealias

import (
	"bytes"
	"testing"
	"unsafe"
)

func TestWhatLiesJustBehindTheSourceIsSlow(t *testing.T) {
	for _, tc := range []struct {
		p, behind uintptr
		want      bool
	}{
		{0, 4, true},                  // a header, and a payload at the beginning of a page
		{0x7000, 10, true},            // whole pages do not count
		{0x7000, 0x1000 + 4, true},    // neither way
		{0, 0, true},                  // another frame may have been sent before
		{8, 4, true},                  // the same
		{15, 30, true},                // 15 bytes
		{14, 30, false},               // 16
		{4096 - 16, 0, false},         // the same across a page
		{4096 - 15, 0, true},          //
		{64 + 4, 4, true},             // as far as we look
		{65 + 4, 4, false},            //
		{HalfPage, 4, false},          // where our buffers are
		{HalfPage + 1024, 14, false},  //
		{0, HalfPage, false},          // much is sent in front of it
		{0xc000_0000, 0xffff, true},   //
		{0xc000_0000, 0x10010, false}, //
	} {
		if got := aliased(tc.p, tc.behind); got != tc.want {
			t.Errorf("%#x behind %d: %v, want %v", tc.p, tc.behind, got, tc.want)
		}
	}
}

func TestSlowLooksAtTheAddress(t *testing.T) {
	defer Affected.Store(Affected.Load())
	for _, affected := range []bool{false, true} {
		Affected.Store(affected)
		memory := make([]byte, 3*PageSize)
		begin := -uintptr(unsafe.Pointer(&memory[0])) % PageSize
		for at := begin; at < begin+PageSize; at++ {
			if got, want := Slow(memory[at:], 4), affected && aliased(at-begin, 4); got != want {
				t.Fatalf("%d bytes into a page: %v, want %v", at-begin, got, want)
			}
		}
	}
}

func TestManyBytesBeginFarFromTheBeginningOfAPage(t *testing.T) {
	for _, n := range []int{0, 1, PageSize - 1, PageSize, 5000, 16 << 10, 20_000, 100_000} {
		for range 8 { // which lie side by side
			b := Make(n)
			if len(b) != 0 || cap(b) != n {
				t.Errorf("%d bytes: length %d, capacity %d", n, len(b), cap(b))
			}
			if at := address(b) % PageSize; n >= PageSize && (at < PageSize/4 || at > PageSize*3/4) {
				t.Errorf("%d bytes begin %d bytes into a page", n, at)
			}
		}
	}
}

func TestMemoryGrowsAsItsBytesStay(t *testing.T) {
	defer Affected.Store(Affected.Load())
	for _, affected := range []bool{false, true} {
		Affected.Store(affected)
		var b []byte
		for i := range 300 {
			n := 1 << (i % 13)
			moved := len(b)+n > cap(b)
			grown := Grow(b, n)
			if !bytes.Equal(grown, b) || cap(grown)-len(grown) < n {
				t.Fatalf("%d bytes more than %d: %d, with room for %d", n, len(b), len(grown), cap(grown)-len(grown))
			}
			if !moved && len(b) > 0 && &grown[0] != &b[0] {
				t.Fatal("it has moved, and had room")
			}
			if b = grown; moved && affected && len(b)+n >= PageSize && aliased(address(b), 4) {
				t.Fatalf("%d bytes begin at %#x", cap(b), address(b))
			}
			b = append(b, make([]byte, n)...)
		}
		for _, n := range []int{0, 1, 100, 10_000} {
			if b := Grow(nil, n); b == nil || cap(b) != n {
				t.Errorf("room for %d, want %d: %v", cap(b), n, b)
			}
		}
		if n := testing.AllocsPerRun(10, func() { b = Grow(b[:0], len(b)) }); n != 0 {
			t.Errorf("%v allocations, and there was room", n)
		}
	}
}
