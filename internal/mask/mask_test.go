package mask_test

import (
	"bytes"
	"testing"

	"github.com/wirews/wirews/internal/mask"
)

// naive is section 5.3 of RFC 6455 as it is written.
func naive(p []byte, key [4]byte, offset int) []byte {
	out := make([]byte, len(p))
	for i := range p {
		out[i] = p[i] ^ key[((i+offset)%4+4)%4]
	}
	return out
}

func pattern(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i*7 + i>>8 + 1)
	}
	return p
}

func TestXOREveryLengthAlignmentAndPhase(t *testing.T) {
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	const guard = 16
	for n := 0; n <= 300; n++ {
		for align := 0; align < 8; align++ {
			for phase := -4; phase < 5; phase++ {
				buf := pattern(align + n + guard)
				before := bytes.Clone(buf)
				p := buf[align : align+n]
				want := naive(p, key, phase)

				out := pattern(align + n + guard)
				mask.XOR(out[align:align+n], p, mask.Key(key, phase))
				if !bytes.Equal(out[align:align+n], want) {
					t.Fatalf("n=%d align=%d phase=%d: copying XOR is wrong", n, align, phase)
				}
				if !bytes.Equal(out[align+n:], before[align+n:]) || !bytes.Equal(out[:align], before[:align]) {
					t.Fatalf("n=%d align=%d phase=%d: wrote outside the slice", n, align, phase)
				}
				if !bytes.Equal(buf, before) {
					t.Fatalf("n=%d align=%d phase=%d: source changed", n, align, phase)
				}
				mask.XOR(p, p, mask.Key(key, phase))
				if !bytes.Equal(p, want) {
					t.Fatalf("n=%d align=%d phase=%d: in-place XOR is wrong", n, align, phase)
				}
			}
		}
	}
}

func FuzzXOR(f *testing.F) {
	f.Add([]byte("Hello"), uint32(0x3d21fa37), 0)
	f.Add(pattern(1000), uint32(1), -3)
	f.Fuzz(func(t *testing.T, p []byte, k uint32, offset int) {
		key := [4]byte{byte(k), byte(k >> 8), byte(k >> 16), byte(k >> 24)}
		offset %= 1 << 20
		got := make([]byte, len(p))
		mask.XOR(got, p, mask.Key(key, offset))
		if !bytes.Equal(got, naive(p, key, offset)) {
			t.Fatalf("XOR(%x, %x, %d) = %x", p, key, offset, got)
		}
	})
}
