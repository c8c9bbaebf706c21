//go:build gc && !purego

package headscan

import "golang.org/x/sys/cpu"

func vectorKernels() []kernel {
	return []kernel{{"AVX2", 64, !cpu.X86.HasAVX2, func(b []byte, token, text []uint64) {
		markAVX2(&b[0], len(b), &token[0], &text[0])
	}}}
}
