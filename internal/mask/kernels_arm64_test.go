//go:build gc && !purego

package mask

func vectorKernels() []kernel {
	return []kernel{{name: "NEON", min: 32, max: -1, xor: func(dst, src []byte, key uint32) {
		xorNEON(&dst[0], &src[0], len(src), key)
	}}}
}
