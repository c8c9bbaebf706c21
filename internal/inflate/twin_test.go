package inflate

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// likeTwin decodes a message with codes alone, which an Inflater does that has
// octet by octet and room for a byte, and with all at once, where codesFast
// does most.
func likeTwin(t *testing.T, windowBits int, message []byte) {
	t.Helper()
	want, at, wantErr := decode(New(windowBits, false), octets(message), 1)
	for _, room := range []int{fastRoom, 300, len(want) + fastRoom + 300} {
		got, _, err := decode(New(windowBits, false), [][]byte{message}, room)
		if err != wantErr || !bytes.Equal(got, want) {
			t.Fatalf("%x, %d bits, room %d: %d bytes, %v; with codes alone %d, %v at %d", message, windowBits, room, len(got), err, len(want), wantErr, at)
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
				likeTwin(t, bits, m)
			}
			for range rounds {
				bad := bytes.Clone(m)
				bad[r.IntN(len(bad))] ^= byte(1 + r.IntN(255))
				likeTwin(t, 15, bad)
			}
		}
	}
}

func FuzzTwins(f *testing.F) {
	seeds(f, func(m []byte) { f.Add(m, uint8(15)) })
	f.Fuzz(func(t *testing.T, message []byte, windowBits uint8) { likeTwin(t, 8+int(windowBits&7), message) })
}
