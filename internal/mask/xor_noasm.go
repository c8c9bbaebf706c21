//go:build (!amd64 && !arm64) || !gc || purego

package mask

// xorLong is XOR for more than maxShort bytes; dst is as long as src.
func xorLong(dst, src []byte, key uint32) { xorWords(dst, src, key) }
