//go:build gc && !purego

package headscan

import "golang.org/x/sys/cpu"

// Fast reports whether Mark is faster than looking at byte for byte of what is
// there.
var Fast = cpu.X86.HasAVX2

func mark(b []byte, token, text []uint64) {
	if Fast && len(b) >= 64 {
		markAVX2(&b[0], len(b), &token[0], &text[0])
		return
	}
	markBytes(b, token, text)
}

//go:noescape
func markAVX2(b *byte, n int, token, text *uint64)
