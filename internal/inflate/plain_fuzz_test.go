package inflate

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// likePlain decodes two messages of a stream with the plain decoder and with
// Inflater in three ways: all at once, octet by octet with room for one byte,
// and in pieces and rooms that r chooses. What comes out, the error and the
// octet that it is found with must be the same.
func likePlain(t *testing.T, windowBits int, takeover bool, messages [][]byte, r *rand.Rand) {
	t.Helper()
	p := plain{size: 1 << max(windowBits, 9), takeover: takeover}
	once, single, any := New(windowBits, takeover), New(windowBits, takeover), New(windowBits, takeover)
	for i, m := range messages {
		want, at, wantErr := p.message(m)
		check := func(way string, f *Inflater, pieces [][]byte, room int) {
			t.Helper()
			got, given, err := decode(f, pieces, room)
			if err != wantErr || !bytes.Equal(got, want) {
				t.Fatalf("message %d of %x, %d bits, takeover %v, %s: %d bytes, %v; want %d, %v", i, messages, windowBits, takeover, way, len(got), err, len(want), wantErr)
			}
			if first := firstPiece(pieces, at); err != nil && given != first {
				t.Fatalf("message %d of %x, %d bits, takeover %v, %s: %v found with %d octets, not %d", i, messages, windowBits, takeover, way, err, given, first)
			}
		}
		check("at once", once, [][]byte{m}, len(want)+100)
		check("octet by octet", single, octets(m), 1)
		check("in pieces", any, cut(r, m, 1+r.IntN(40)), 1+r.IntN(100))
		if wantErr != nil {
			return
		}
	}
}

// TestMutatedLikePlain flips each bit of small messages, and of messages that
// refer to one before.
func TestMutatedLikePlain(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	mutated(t, 1, func(m []byte) { likePlain(t, 15, false, [][]byte{m, m}, r) })
	for _, s := range samples(600) {
		first, second := s.data[:400], append(s.data[200:400:400], s.data[400:]...)
		messages := [][]byte{deflate(t, 6, nil, first), deflate(t, 6, first, second), nil}
		for i := 0; i < 8*len(messages[1]); i += 3 {
			messages[2] = bytes.Clone(messages[1])
			messages[2][i/8] ^= 1 << (i % 8)
			likePlain(t, 9+6*(i&1), true, messages, r)
		}
	}
}

// TestRandomLikePlain decodes random octets. The first bits are those of a
// block with codes, and of few code length codes, since nearly all others
// fail at once.
func TestRandomLikePlain(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	rounds := 20_000
	if testing.Short() {
		rounds = 2_000
	}
	for range rounds {
		m := make([]byte, 1+r.IntN(60))
		for i := range m {
			m[i] = byte(r.Uint32())
		}
		m[0] = m[0]&^7 | byte(r.IntN(3))<<1
		likePlain(t, 8+r.IntN(8), r.IntN(2) == 0, [][]byte{m[:len(m)/2], m[len(m)/2:], m}, r)
	}
}

// FuzzLikePlain: cut is where the first message ends.
func FuzzLikePlain(f *testing.F) {
	seeds(f, func(m []byte) {
		f.Add(m, uint16(len(m)), uint8(15), false, uint64(len(m)))
		f.Add(append(m[:len(m):len(m)], m...), uint16(len(m)), uint8(9), true, uint64(len(m)))
	})
	f.Fuzz(func(t *testing.T, data []byte, cut uint16, windowBits uint8, takeover bool, seed uint64) {
		if len(data) > 4096 {
			return // the plain decoder is slow
		}
		n := min(int(cut), len(data))
		likePlain(t, 8+int(windowBits&7), takeover, [][]byte{data[:n], data[n:]}, rand.New(rand.NewPCG(seed, 0)))
	})
}
