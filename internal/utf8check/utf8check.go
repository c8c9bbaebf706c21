// Package utf8check validates UTF-8 (RFC 3629) that arrives in pieces.
package utf8check

import "unicode/utf8"

// Valid reports whether p is UTF-8 as a whole.
func Valid(p []byte) bool {
	n := len(p)
	if n >= 8 {
		switch {
		case n <= 16 && ascii16(p), n > 16 && n <= maxShort && ascii34(p):
			return true
		case useVector && n >= minVector:
			return prefixVector(&p[0], n) == n && !endsInside(p)
		case n > maxShort:
			return utf8.Valid(p)
		}
	}
	return steps(p)&allStates == between
}

// endsInside reports whether p, at least three bytes in which prefix has found
// no fault, ends with a rune that has been cut, or with a byte that no rune
// begins with.
func endsInside(p []byte) bool {
	n := len(p)
	return p[n-1] >= 0xc0 || p[n-2] >= 0xe0 || p[n-3] >= 0xf0
}

// Validator holds what is left of a rune between two pieces. The zero value
// is ready and stands between runes.
type Validator struct {
	state uint8
}

// Next takes the next piece of the text. It returns len(p) and true, or the
// index of the first byte that cannot be part of valid UTF-8 whatever follows
// (Unicode 16, table 3-7) and false; after that the Validator is to be reset.
func (v *Validator) Next(p []byte) (n int, ok bool) {
	state := uint64(v.state)
	for n < len(p) && state != between {
		if state = step(state, p[n]) & allStates; state == bad {
			return n, false
		}
		n++
	}
	// Steps are for the rune at the end, which may have been cut, and for
	// finding the place of a fault.
	for n = lastRune(p, n, n+goodPrefix(p[n:])); n < len(p); n++ {
		if state = step(state, p[n]) & allStates; state == bad {
			return n, false
		}
	}
	v.state = uint8(state)
	return n, true
}

// lastRune returns where the rune begins that stands before p[end] or has been
// cut there, not before begin; end, if that is ASCII.
func lastRune(p []byte, begin, end int) int {
	if end == begin || p[end-1] < utf8.RuneSelf {
		return end
	}
	for i := end - 1; i > begin && i > end-utf8.UTFMax; i-- {
		if utf8.RuneStart(p[i]) {
			return i
		}
	}
	return max(begin, end-utf8.UTFMax)
}

// Complete reports whether the text may end here: not inside a rune.
func (v *Validator) Complete() bool { return v.state == between }
