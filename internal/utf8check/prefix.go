package utf8check

import (
	"encoding/binary"
	"unicode/utf8"
)

// goodPrefix returns a place in p, which begins between runes, before which
// all is good, but that a rune may be cut there: len(p) if there is no fault
// at all, else not behind the first one; and a byte that no rune begins with
// may stand right before it.
func goodPrefix(p []byte) int {
	n := len(p)
	switch {
	case n < 8:
		return 0 // the caller's steps are as fast
	case n <= 16 && ascii16(p), n > 16 && n <= maxShort && ascii34(p):
		return n
	case useVector && n >= minVector:
		return prefixVector(&p[0], n)
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

// maxShort is the largest size, in bytes, for which words tell faster than
// vectors that all is ASCII.
const maxShort = 34

// ascii16 reports whether p, which has 8 to 16 bytes, is ASCII. It looks at
// words that overlap in the middle, so that no length needs steps for a rest.
func ascii16(p []byte) bool { return (word(p)|word(p[len(p)-8:]))&high == 0 }

// ascii34 is ascii16 for 16 to maxShort bytes.
func ascii34(p []byte) bool {
	return (word(p)|word(p[8:])|word(p[(len(p)-8)/2:]))&high == 0 && ascii16(p[len(p)-16:])
}

const high = 0x8080808080808080

func word(p []byte) uint64 { return binary.LittleEndian.Uint64(p) }
