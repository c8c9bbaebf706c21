// Package utf8check validates UTF-8 (RFC 3629) that arrives in pieces.
package utf8check

import "unicode/utf8"

// Valid reports whether p is UTF-8 as a whole.
func Valid(p []byte) bool { return utf8.Valid(p) }

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
	if v.need > 0 {
		for n < len(p) && v.need > 0 {
			if !v.step(p[n]) {
				return n, false
			}
			n++
		}
	}
	// The standard library's check of whole runes is several times faster
	// than a byte at a time; steps are for the cut rune at the end and for
	// finding the place of a fault.
	whole := n + wholeRunes(p[n:])
	if Valid(p[n:whole]) {
		n = whole
	}
	for ; n < len(p); n++ {
		if !v.step(p[n]) {
			return n, false
		}
	}
	return n, true
}

// Complete reports whether the text may end here: not inside a rune.
func (v *Validator) Complete() bool { return v.need == 0 }

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
