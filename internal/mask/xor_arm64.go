//go:build gc && !purego

package mask

// xorLong is XOR for more than maxShort bytes; dst is as long as src.
func xorLong(dst, src []byte, key uint32) { xorNEON(&dst[0], &src[0], len(src), key) }

//go:noescape
func xorNEON(dst, src *byte, n int, key uint32)
