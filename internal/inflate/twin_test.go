package inflate

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// likeTwin decodes a message with codes alone, which an Inflater does that has
// octet by octet and room for a byte, and with all at once, where codesFast
// does most. With takeover there were those bytes before.
func likeTwin(t *testing.T, windowBits int, takeover bool, before, message []byte) {
	t.Helper()
	inflater := func() *Inflater {
		f := New(windowBits, takeover)
		for p := range chunks(before, 300) { // a window that has grown
			sendStored(t, f, p, 400)
		}
		return f
	}
	want, at, wantErr := decode(inflater(), octets(message), 1)
	for _, room := range []int{fastRoom, 300, len(want) + fastRoom + 300} {
		got, _, err := decode(inflater(), [][]byte{message}, room)
		if err != wantErr || !bytes.Equal(got, want) {
			t.Fatalf("%x, %d bits, takeover %v, %d before, room %d: %d bytes, %v; with codes alone %d, %v at %d",
				message, windowBits, takeover, len(before), room, len(got), err, len(want), wantErr, at)
		}
	}
}

// TestTwins decodes what compress/flate encodes, some of it with one octet
// changed, with both.
func TestTwins(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	size, rounds := 20_000, 10
	if testing.Short() {
		size, rounds = 3_000, 3
	}
	for _, s := range samples(size) {
		for _, level := range levels {
			m := deflate(t, level, nil, s.data)
			for bits := 8; bits <= 15; bits++ {
				likeTwin(t, bits, false, nil, m)
			}
			for range rounds {
				bad := bytes.Clone(m)
				bad[r.IntN(len(bad))] ^= byte(1 + r.IntN(255))
				likeTwin(t, 15, false, nil, bad)
			}
		}
	}
}

// TestTwinsTakeover is TestTwins for messages that refer to what was before
// them, up to the border of each window and over it, where it has not yet
// been filled, is just full and has wrapped.
func TestTwinsTakeover(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	for windowBits := 9; windowBits <= 15; windowBits++ {
		size := 1 << windowBits
		for _, n := range []int{100, size / 2, size - 1, size, size + 1, size + 40, size * 3 / 2, 2*size - 20, 2 * size} {
			before := text(n)
			for _, far := range []int{40, n / 2, n, size, size + 1} {
				// Pieces from anywhere as far as that, and of what they make.
				far = min(far, n)
				var p []byte
				for range 40 {
					all := append(before[:n:n], p...)
					at := len(all) - 1 - r.IntN(far)
					p = append(p, all[at:min(len(all), at+3+r.IntN(60))]...)
					p = append(p, "new"[:r.IntN(4)]...)
				}
				m := deflate(t, 9, before, p)
				likeTwin(t, windowBits, true, before, m)
				m[r.IntN(len(m))] ^= 1 << r.IntN(8)
				likeTwin(t, windowBits, true, before, m)
			}
		}
	}
}

func FuzzTwins(f *testing.F) {
	all := text(1 << 16)
	seeds(f, func(m []byte) {
		f.Add(m, uint8(15), false, uint16(0))
		f.Add(m, uint8(9), true, uint16(700))
	})
	for _, n := range []int{400, 512, 700, 33_000, 65_535} {
		f.Add(deflate(f, 6, all[:n], all[n-300:n]), uint8(15), true, uint16(n))
	}
	f.Fuzz(func(t *testing.T, message []byte, windowBits uint8, takeover bool, before uint16) {
		likeTwin(t, 8+int(windowBits&7), takeover, all[:before], message)
	})
}
