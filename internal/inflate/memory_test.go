package inflate

import (
	"fmt"
	"runtime"
	"testing"
	"unsafe"
)

// heap returns the bytes that are alive, with the pools' memory given up.
func heap() int {
	var m runtime.MemStats
	for range 3 { // sync.Pool keeps what it has for one collection more
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// perInflater returns the memory that each of many Inflaters holds after use.
func perInflater(t *testing.T, takeover bool, windowBits int, use func(i int, f *Inflater)) int {
	t.Helper()
	if raceEnabled {
		t.Skip("the race detector's memory would be counted")
	}
	const n = 1000
	fixed() // once for all
	all := make([]*Inflater, n)
	before := heap()
	for i := range all {
		all[i] = New(windowBits, takeover)
		use(i, all[i])
	}
	each := (heap() - before) / n
	runtime.KeepAlive(all)
	return each
}

// traffic gives f messages of all kinds in pieces, more than its window holds,
// but none that is larger: compress/flate refers to all that was before.
func traffic(t *testing.T, windowBits int) func(int, *Inflater) {
	var messages [][]byte
	for _, s := range samples(min(5000, 1<<max(windowBits, 9))) {
		messages = append(messages, deflate(t, 6, nil, s.data))
	}
	buf := make([]byte, 0, 700)
	return func(_ int, f *Inflater) {
		for _, m := range messages {
			receive(t, f, buf, m[:len(m)/2], false)
			receive(t, f, buf, m[len(m)/2:], true)
		}
	}
}

func receive(t testing.TB, f *Inflater, buf, src []byte, fin bool) (total int) {
	for {
		out, n, err := f.Inflate(buf[:0], src, fin)
		if err != nil {
			t.Fatal(err)
		}
		src = src[n:]
		if total += len(out); len(out) < cap(buf) {
			return total
		}
	}
}

// TestIdleMemory: between messages there is a window of what was negotiated,
// and nothing at all without takeover, whatever the traffic was.
func TestIdleMemory(t *testing.T) {
	own := int(unsafe.Sizeof(Inflater{})) + 64 // the next size of allocation
	tests := []struct {
		name       string
		takeover   bool
		windowBits int
		most       int
	}{
		{"takeover, 15 bits", true, 15, 33 << 10},
		{"takeover, 12 bits", true, 12, 4<<10 + own},
		{"takeover, 8 bits", true, 8, 512 + own},
		{"no takeover", false, 15, own},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if each := perInflater(t, test.takeover, test.windowBits, traffic(t, test.windowBits)); each > test.most {
				t.Errorf("%d bytes are held, not at most %d", each, test.most)
			}
		})
	}
	t.Run("takeover, little traffic", func(t *testing.T) {
		hello := []byte("\xf2\x48\xcd\xc9\xc9\x07\x00")
		if each := perInflater(t, true, 15, func(_ int, f *Inflater) { receive(t, f, make([]byte, 0, 10), hello, true) }); each > leastWindow+own {
			t.Errorf("%d bytes are held", each)
		}
	})
}

// TestMemoryGoesBack begins messages on many Inflaters, which then hold tables
// and windows, and ends them in every way.
func TestMemoryGoesBack(t *testing.T) {
	own := int(unsafe.Sizeof(Inflater{})) + 64
	message := deflate(t, 6, nil, samples(5000)[3].data)
	buf := make([]byte, 0, 6000)
	half := func(f *Inflater) { receive(t, f, buf, message[:len(message)/2], false) }
	if each := perInflater(t, false, 15, func(_ int, f *Inflater) { half(f) }); each < largestWindow {
		t.Fatalf("inside a message %d bytes are held: what is measured?", each)
	}
	ends := []struct {
		name string
		end  func(*Inflater)
	}{
		{"the rest of the message", func(f *Inflater) { receive(t, f, buf, message[len(message)/2:], true) }},
		{"unexpected end", func(f *Inflater) {
			if _, _, err := f.Inflate(buf, nil, true); err == nil {
				t.Fatal("no error")
			}
		}},
		{"Reset", func(f *Inflater) { f.Reset(15, false) }},
	}
	for _, e := range ends {
		t.Run(e.name, func(t *testing.T) {
			all := make([]*Inflater, 0, 1000)
			each := perInflater(t, false, 15, func(i int, f *Inflater) {
				half(f)
				if all = append(all, f); len(all) == cap(all) {
					for _, f := range all {
						e.end(f)
					}
				}
			})
			if each > own {
				t.Errorf("%d bytes are held", each)
			}
		})
	}
}

// TestNothingForBytesToCome: what a stored block says of its length is not
// believed before it is there.
func TestNothingForBytesToCome(t *testing.T) {
	own := int(unsafe.Sizeof(Inflater{})) + 64
	for _, takeover := range []bool{false, true} {
		each := perInflater(t, takeover, 15, func(_ int, f *Inflater) {
			receive(t, f, make([]byte, 0, 10), []byte("\x00\xff\xff\x00\x00"), false)
		})
		if each > own {
			t.Errorf("takeover %v: %d bytes are held", takeover, each)
		}
	}
}

// TestAllocations: a stream that has filled its window allocates nothing.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates on its own account")
	}
	for _, s := range samples(3000) {
		for _, level := range []int{0, 1, 6} {
			m := deflate(t, level, nil, s.data)
			for _, takeover := range []bool{false, true} {
				for _, windowBits := range []int{12, 15} {
					f := New(windowBits, takeover)
					for range 1<<windowBits/len(s.data) + 1 {
						receive(t, f, make([]byte, 0, 4000), m, true)
					}
					for _, room := range []int{100, 4000} {
						name := fmt.Sprintf("%s, level %d, takeover %v, %d bits, room %d", s.name, level, takeover, windowBits, room)
						testAllocations(t, name, f, m, room, len(s.data))
					}
				}
			}
		}
	}
}

// testAllocations gives f a message whole, and in two pieces.
func testAllocations(t *testing.T, name string, f *Inflater, m []byte, room, size int) {
	t.Helper()
	buf := make([]byte, 0, room)
	for _, cut := range []int{0, len(m) / 2} {
		n := testing.AllocsPerRun(20, func() {
			n := 0
			if cut > 0 {
				n = receive(t, f, buf, m[:cut], false)
			}
			if n += receive(t, f, buf, m[cut:], true); n != size {
				t.Fatalf("%s: %d of %d bytes came out", name, n, size)
			}
		})
		if n > 0 {
			t.Errorf("%s, cut at %d: %v allocations", name, cut, n)
		}
	}
}
