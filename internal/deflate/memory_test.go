package deflate_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/wirews/wirews/internal/deflate"
)

func TestMessagesAllocateNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector empties pools at random")
	}
	for _, level := range levels {
		for _, takeover := range []bool{false, true} {
			for _, size := range []int{5, 125, 1000, 100000} {
				c := newCompressor(15, level, takeover)
				m := json(size, 1)
				dst := make([]byte, 0, deflate.Bound(size)+1000)
				for range 200000/size + 1 {
					c.AppendMessage(dst, m)
				}
				if n := testing.AllocsPerRun(20, func() { c.AppendMessage(dst, m) }); n != 0 {
					t.Errorf("level %d, takeover %v, %d bytes: AppendMessage allocates %v times", level, takeover, size, n)
				}
				c.Compress(dst, m, true)
				if n := testing.AllocsPerRun(20, func() { c.Compress(dst, m, true) }); n != 0 {
					t.Errorf("level %d, takeover %v, %d bytes: Compress allocates %v times", level, takeover, size, n)
				}
			}
		}
	}
}

// held returns the bytes of heap that each of n compressors holds after
// traffic.
func held(n, bits, level int, takeover bool, traffic ...int) int {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC() // what was in pools
	runtime.ReadMemStats(&before)
	all := make([]deflate.Compressor, n)
	dst := make([]byte, 0, 200000)
	data := json(100000, 1)
	for i := range all {
		all[i].Reset(bits, level, takeover)
		for _, size := range traffic {
			all[i].AppendMessage(dst, data[:size])
			all[i].Compress(dst, data[:size], true)
		}
	}
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(all)
	return int(after.HeapAlloc-before.HeapAlloc-uint64(cap(dst)+cap(data))) / n
}

func TestIdleCompressorsHoldLittle(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector changes what the heap holds")
	}
	busy := []int{100, 5000, 5000, 5000, 5000, 50000, 5000}
	const kib = 1 << 10
	for _, tc := range []struct {
		n           int
		bits, level int
		takeover    bool
		traffic     []int
		want        int // bytes at most
	}{
		{1000, 15, 1, true, busy, 57 * kib},
		{1000, 14, 1, true, busy, 37 * kib},
		{1000, 12, 1, true, busy, 14 * kib},
		{1000, 8, 1, true, busy, 2 * kib},
		{1000, 15, 1, true, nil, 256},
		{1000, 15, 1, true, []int{100, 100}, 4 * kib},
		{100, 15, 6, true, busy, 170 * kib},
		{1000, 15, deflate.HuffmanOnly, true, busy, 256},
		{1000, 15, 1, false, busy, 256},
		{100, 15, 9, false, busy, 256},
	} {
		name := fmt.Sprintf("bits %d, level %d, takeover %v, %d messages", tc.bits, tc.level, tc.takeover, len(tc.traffic))
		n := tc.n
		if testing.Short() {
			n = 50
		}
		got := held(n, tc.bits, tc.level, tc.takeover, tc.traffic...)
		t.Logf("%s: %d bytes", name, got)
		if got > tc.want {
			t.Errorf("%s: holds %d bytes, want at most %d", name, got, tc.want)
		}
	}
}
