package inflate

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
)

// TestStaleMemory decodes with windows and tables whose memory is full of what
// belongs to nobody: nothing of it comes out, and no fault is missed.
func TestStaleMemory(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, fault := range faults {
		testStale(t, r, fault.name, wstest.Unhex(fault.message))
	}
	for _, s := range samples(1500) {
		m := deflate(t, 6, nil, s.data)
		testStale(t, r, s.name, m)
		for range 5 {
			bad := bytes.Clone(m)
			bad[r.IntN(len(bad))] ^= byte(1 << r.IntN(8))
			testStale(t, r, s.name+", changed", bad)
		}
	}
}

func testStale(t *testing.T, r *rand.Rand, name string, message []byte) {
	t.Helper()
	for _, takeover := range []bool{false, true} {
		p := plain{size: 1 << 15, takeover: takeover}
		f := New(15, takeover)
		for range 2 {
			want, _, wantErr := p.message(message)
			got, err := decodeFouled(f, cut(r, message, 20))
			if err != wantErr || !bytes.Equal(got, want) {
				t.Fatalf("%s, takeover %v: %d bytes, %v; want %d, %v", name, takeover, len(got), err, len(want), wantErr)
			}
			if err != nil {
				break
			}
		}
	}
}

// decodeFouled is decode with foul memory before each call.
func decodeFouled(f *Inflater, pieces [][]byte) (all []byte, err error) {
	buf := make([]byte, 30)
	for i, src := range pieces {
		for {
			foul(f)
			out, n, err := f.Inflate(buf[:0], src, i == len(pieces)-1)
			all = append(all, out...)
			src = src[n:]
			if err != nil {
				return all, err
			}
			if len(out) < len(buf) {
				break
			}
		}
	}
	return all, nil
}

// foul writes what means something else, or nothing, to the memory that f will
// get from the pools and to what it has of a window and has not written yet.
func foul(f *Inflater) {
	w := new([largestWindow]byte)
	for i := range w {
		w[i] = 0xee
	}
	tab := new(tables)
	for i := range tab.lit {
		tab.lit[i] = 0xffff_ffff
	}
	for i := range tab.dist {
		tab.dist[i] = 0xffff_ffff
	}
	tab.desc.have, tab.desc.codes, tab.desc.ready = 200, 300, true
	for i := range tab.desc.lens {
		tab.desc.lens[i], tab.desc.used[i] = 0xff, 0xffff
	}
	lentWindows.Put(w)
	tablePool.Put(tab)
	if f.window.buf != nil {
		rest := f.window.buf[min(f.window.held, len(f.window.buf)):]
		for i := range rest {
			rest[i] = 0xee
		}
	}
}
