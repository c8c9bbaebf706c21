package mask

import (
	"encoding/binary"
	"math/bits"
)

// maxShort is the largest size, in bytes, for which calling a vector kernel
// does not pay. The kernels take no less than 32.
const maxShort = 32

var le = binary.LittleEndian

// xorShort is XOR for up to maxShort bytes; dst is as long as src. It
// takes the first and the last words of a size that fits, which overlap in the
// middle: most traffic is this short, and its length changes all the time, so
// loops over rests would be mispredicted. All words are loaded before the first
// is stored, because in place the later ones would find bytes that are done.
// k2 is the key of those at the end.
func xorShort(dst, src []byte, key uint32) {
	n := len(src)
	dst = dst[:n]
	k2 := bits.RotateLeft32(key, -8*(n&3))
	switch {
	case n >= 16:
		k, k2 := double(key), double(k2)
		a, b := le.Uint64(src)^k, le.Uint64(src[8:])^k
		c, d := le.Uint64(src[n-16:])^k2, le.Uint64(src[n-8:])^k2
		le.PutUint64(dst, a)
		le.PutUint64(dst[8:], b)
		le.PutUint64(dst[n-16:], c)
		le.PutUint64(dst[n-8:], d)
	case n >= 8:
		a, b := le.Uint64(src)^double(key), le.Uint64(src[n-8:])^double(k2)
		le.PutUint64(dst, a)
		le.PutUint64(dst[n-8:], b)
	case n >= 4:
		a, b := le.Uint32(src)^key, le.Uint32(src[n-4:])^k2
		le.PutUint32(dst, a)
		le.PutUint32(dst[n-4:], b)
	default:
		for i := range src {
			dst[i] = src[i] ^ byte(key>>(8*i))
		}
	}
}

func double(key uint32) uint64 { return uint64(key)<<32 | uint64(key) }

// xorWords is XOR for any size, by words: the twin of the vector kernels.
func xorWords(dst, src []byte, key uint32) {
	dst = dst[:len(src)]
	k := double(key)
	// Eight words a turn: fewer loop checks, and enough independent loads to
	// keep the load ports busy.
	for len(src) >= 64 && len(dst) >= 64 {
		s, d := (*[64]byte)(src), (*[64]byte)(dst)
		le.PutUint64(d[0:], le.Uint64(s[0:])^k)
		le.PutUint64(d[8:], le.Uint64(s[8:])^k)
		le.PutUint64(d[16:], le.Uint64(s[16:])^k)
		le.PutUint64(d[24:], le.Uint64(s[24:])^k)
		le.PutUint64(d[32:], le.Uint64(s[32:])^k)
		le.PutUint64(d[40:], le.Uint64(s[40:])^k)
		le.PutUint64(d[48:], le.Uint64(s[48:])^k)
		le.PutUint64(d[56:], le.Uint64(s[56:])^k)
		src, dst = src[64:], dst[64:]
	}
	for len(src) >= 8 && len(dst) >= 8 {
		le.PutUint64(dst, le.Uint64(src)^k)
		src, dst = src[8:], dst[8:]
	}
	for i := range src {
		dst[i] = src[i] ^ byte(k)
		k = k>>8 | k<<56
	}
}
