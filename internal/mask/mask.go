// Package mask holds the XOR of RFC 6455, section 5.3, by words and by vectors.
package mask

import (
	"encoding/binary"
	"math/bits"
)

// Key returns the masking key as XOR takes it, turned so that its first byte
// belongs to the payload byte at offset. Offsets count modulo 4, so negative
// ones and those that wrapped are fine.
func Key(key [4]byte, offset int) uint32 {
	return bits.RotateLeft32(binary.LittleEndian.Uint32(key[:]), -8*(offset&3))
}

// XOR sets dst[i] to src[i] XOR byte i modulo 4 of key, for all of src. dst
// must be at least as long as src, and either be the same memory or not
// overlap it.
func XOR(dst, src []byte, key uint32) {
	if len(src) <= maxShort {
		xorShort(dst[:len(src)], src, key)
		return
	}
	xorLong(dst[:len(src)], src, key)
}
