//go:build gc && !purego

package mask

import "golang.org/x/sys/cpu"

func vectorKernels() []kernel {
	return []kernel{
		{name: "SSE2", min: 32, max: -1, xor: func(dst, src []byte, key uint32) {
			xorSSE2(&dst[0], &src[0], len(src), key)
		}},
		{name: "AVX2", min: 32, max: -1, missing: !cpu.X86.HasAVX2, xor: func(dst, src []byte, key uint32) {
			xorAVX2(&dst[0], &src[0], len(src), key)
		}},
	}
}
