// Package utf8check validates UTF-8 (RFC 3629) that arrives in pieces.
package utf8check

// Valid reports whether p is UTF-8 as a whole.
func Valid(p []byte) bool {
	if len(p) <= maxShort {
		return validShort(p)
	}
	return prefix(p) == len(p) && !endsInside(p)
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
	need   byte // continuation bytes still to come
	lo, hi byte // what the next of them may be
}

// Next takes the next piece of the text. It returns len(p) and true, or the
// index of the first byte that cannot be part of valid UTF-8 whatever follows
// (Unicode 16, table 3-7) and false; after that the Validator is to be reset.
func (v *Validator) Next(p []byte) (n int, ok bool) {
	for n < len(p) && v.need > 0 {
		if !v.step(p[n]) {
			return n, false
		}
		n++
	}
	// Steps are for the rune at the end, which may have been cut, and for
	// finding the place of a fault.
	for n = lastRune(p, n, n+goodPrefix(p[n:])); n < len(p); n++ {
		if !v.step(p[n]) {
			return n, false
		}
	}
	return n, true
}

// lastRune returns where the rune begins that stands before p[end] or has been
// cut there, at begin or behind; end, if that is ASCII.
func lastRune(p []byte, begin, end int) int {
	if end == begin || p[end-1] < 0x80 {
		return end
	}
	for i := end - 1; i > begin && i > end-4; i-- {
		if p[i] >= 0xc0 {
			return i
		}
	}
	return max(begin, end-4)
}

// Complete reports whether the text may end here: not inside a rune.
func (v *Validator) Complete() bool { return v.need == 0 }

// step takes one byte and reports whether it fits.
func (v *Validator) step(b byte) bool {
	if v.need > 0 {
		if b < v.lo || v.hi < b {
			return false
		}
		v.need--
		v.lo, v.hi = 0x80, 0xbf
		return true
	}
	// RFC 3629, section 4: the ranges of the second byte keep out overlong
	// forms, surrogates and what lies beyond U+10FFFF.
	v.lo, v.hi = 0x80, 0xbf
	switch {
	case b < 0x80:
	case b < 0xc2:
		return false
	case b < 0xe0:
		v.need = 1
	case b < 0xf0:
		v.need = 2
		switch b {
		case 0xe0:
			v.lo = 0xa0
		case 0xed:
			v.hi = 0x9f
		}
	case b < 0xf5:
		v.need = 3
		switch b {
		case 0xf0:
			v.lo = 0x90
		case 0xf4:
			v.hi = 0x8f
		}
	default:
		return false
	}
	return true
}
