package utf8check

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// maxShort is the largest size, in bytes, for which calling a vector kernel
// does not pay. The kernels take no less than 35.
const maxShort = 34

// goodPrefix returns a place in p, which begins between runes, before which
// all is good, but that a rune may be cut there: len(p) if there is no fault
// at all, else not far before the first one; and a byte that no rune begins
// with may stand right before it.
func goodPrefix(p []byte) int {
	if len(p) > maxShort {
		return prefix(p)
	}
	if n := asciiShort(p); n == len(p) {
		return n
	}
	return prefixRunes(p)
}

// prefixRunes is goodPrefix for any size, by runes: the twin of the vector
// kernels. It is satisfied with all or nothing.
func prefixRunes(p []byte) int {
	if utf8.Valid(p[:wholeRunes(p)]) {
		return len(p)
	}
	return 0
}

// wholeRunes returns the length of p without a rune that its end may have cut.
func wholeRunes(p []byte) int {
	for i := len(p) - 1; i >= 0 && i >= len(p)-utf8.UTFMax+1; i-- {
		if utf8.RuneStart(p[i]) {
			if utf8.FullRune(p[i:]) {
				return len(p)
			}
			return i
		}
	}
	return len(p)
}

// validShort is Valid for up to maxShort bytes. What begins with ASCII usually
// is ASCII.
func validShort(p []byte) bool {
	n := asciiShort(p)
	return n == len(p) || utf8.Valid(p[n:])
}

// asciiShort returns how many of p's bytes, up to maxShort, are ASCII, or
// less: 0 or len(p) suffice. It looks at words that overlap in the middle.
func asciiShort(p []byte) int {
	const high = 0x8080808080808080
	n := len(p)
	if n == 0 || p[0] >= utf8.RuneSelf {
		return 0
	}
	switch {
	case n >= 16:
		first, m := word(p), (n-8)/2
		if rest := word(p[8:]) | word(p[m:]) | word(p[n-16:]) | word(p[n-8:]); (first|rest)&high == 0 {
			return n
		}
		if first &= high; first != 0 {
			return bits.TrailingZeros64(first) / 8
		}
		return 8
	case n >= 8:
		if (word(p)|word(p[n-8:]))&high == 0 {
			return n
		}
	case n >= 4:
		if (binary.LittleEndian.Uint32(p)|binary.LittleEndian.Uint32(p[n-4:]))&(high>>32) == 0 {
			return n
		}
	default:
		if (p[0]|p[n/2]|p[n-1])&0x80 == 0 {
			return n
		}
	}
	return 1
}

func word(p []byte) uint64 { return binary.LittleEndian.Uint64(p) }
