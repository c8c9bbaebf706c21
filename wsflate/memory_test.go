package wsflate

import (
	"runtime"
	"testing"

	"github.com/wirews/wirews/ws"
)

// heapOf returns how many bytes of heap one of n things holds that make makes.
func heapOf[T any](n int, make func() T) int {
	all := append([]T(nil), make())[:0] // what is pooled is there already
	live := func() uint64 {
		var m runtime.MemStats
		for range 3 { // pools keep what they have for two collections
			runtime.GC()
		}
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := live()
	for range n {
		all = append(all, make())
	}
	after := live()
	runtime.KeepAlive(all)
	return int(after-before) / n
}

// TestIdleConnectionsHoldTheirWindows measures the heap of connections that
// have sent and received far more than a window, and are idle.
func TestIdleConnectionsHoldTheirWindows(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates on its own account")
	}
	messages := texts(60)
	tests := []struct {
		name         string
		n            int // connections
		p            Parameters
		level        int
		least, limit int // bytes to receive and to send
	}{
		{"takeover, 15 bits, fastest", 1000, Parameters{}, Fastest, 64 << 10, (33 + 64) << 10},
		{"takeover, 9 bits, fastest", 200, Parameters{ServerMaxWindowBits: 9, ClientMaxWindowBits: 9}, Fastest, 1 << 10, 4 << 10},
		{"takeover, 15 bits, smallest", 100, Parameters{}, Smallest, 64 << 10, (33 + 176) << 10},
		{"receiving only", 200, Parameters{ServerNoContextTakeover: true}, Fastest, 31 << 10, 33 << 10},
		{"sending only", 200, Parameters{ClientNoContextTakeover: true}, Fastest, 32 << 10, 64 << 10},
		{"no takeover", 1000, DefaultParameters, Fastest, 0, 1 << 10},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			peer := New(ws.StateClientSide, test.p, nil)
			var wire [][]byte
			for _, m := range messages {
				wire = append(wire, peer.Encoder().AppendMessage(nil, m))
			}
			o := &Options{Level: test.level}
			buf := make([]byte, 4096)
			n := heapOf(test.n, func() *Deflate {
				d := New(ws.StateServerSide, test.p, o)
				for i, m := range messages {
					for p := m; ; {
						out, k, _ := d.Encode(buf[:0], p, true)
						if p = p[k:]; len(p) == 0 && len(out) < len(buf) {
							break
						}
					}
					d.BeginDecode(bit)
					for z := wire[i]; ; {
						out, k, err := d.Decode(buf[:0], z, true)
						if err != nil {
							t.Fatal(err)
						}
						if z = z[k:]; len(z) == 0 && len(out) < len(buf) {
							break
						}
					}
				}
				return d
			})
			t.Logf("%d bytes", n)
			if n < test.least || n > test.limit {
				t.Errorf("%d bytes a connection, want %d to %d", n, test.least, test.limit)
			}
			b := NewBudget(1)
			if d := New(ws.StateServerSide, test.p, &Options{Level: test.level, Budget: b}); b.Used() > 0 && (int(b.Used()) < n-1024 || d == nil) {
				t.Errorf("the budget counts %d bytes for %d", b.Used(), n)
			}
		})
	}
}

// TestBudgetCountsWhatIsHeld: for every window, a Budget counts at least what a
// connection holds, but for the Deflate itself.
func TestBudgetCountsWhatIsHeld(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates on its own account")
	}
	var stream []byte
	for _, m := range texts(60) {
		stream = append(stream, m...)
	}
	buf := make([]byte, 0, 4<<10)
	for _, level := range []int{Fastest, Balanced} {
		for bits := WindowBits(minBits); bits <= maxBits; bits++ {
			b := NewBudget(1 << 30)
			p := Parameters{ServerMaxWindowBits: bits, ClientNoContextTakeover: true}
			o := &Options{Level: level, Budget: b}
			const n = 16
			held := heapOf(n, func() *Deflate {
				d := New(ws.StateServerSide, p, o)
				for rest := stream; len(rest) > 1000; rest = rest[1000:] {
					d.Encoder().AppendMessage(buf, rest[:1000])
				}
				return d
			})
			counted := int(b.Used()) / (n + 1) // one more has warmed the pools
			if t.Logf("level %d, %d bits: %d of %d bytes", level, bits, held, counted); held-1024 > counted {
				t.Errorf("level %d, %d bits: holds %d bytes, %d are counted", level, bits, held, counted)
			}
		}
	}
}

// TestBudgetCountsTheReceivingWindow: where 8 bits were agreed on, that of 9 is
// kept.
func TestBudgetCountsTheReceivingWindow(t *testing.T) {
	for bits := WindowBits(minBits); bits <= maxBits; bits++ {
		b := NewBudget(1)
		New(ws.StateClientSide, Parameters{ServerMaxWindowBits: bits, ClientNoContextTakeover: true}, &Options{Budget: b})
		if want := int64(max(bits, 9).Bytes()); b.Used() != want {
			t.Errorf("%d bits: %d bytes, want %d", bits, b.Used(), want)
		}
	}
}
