package httpx

import (
	"encoding/binary"
	"math/bits"
)

// text is what a check or an Append function takes: strings and byte slices
// alike, without a conversion that would copy.
type text interface{ ~string | ~[]byte }

// class is a set of the grammar's character sets.
type class uint8

const (
	tchar     class = 1 << iota // RFC 9110, 5.6.2
	vchar                       // RFC 5234, B.1: visible ASCII
	fieldText                   // RFC 9110, 5.5: HTAB, SP, VCHAR and obs-text
	qdtext                      // RFC 9110, 5.6.4: fieldText without DQUOTE and backslash
	regName                     // RFC 3986: unreserved and sub-delims
	hexDigit                    // RFC 5234, B.1, in either case (RFC 3986, 2.1)
)

// classes is never written after initialisation.
var classes = classTable()

func classTable() (t [256]class) {
	add := func(c class, chars string) {
		for i := range len(chars) {
			t[chars[i]] |= c
		}
	}
	const (
		digits  = "0123456789"
		letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	)
	add(tchar, "!#$%&'*+-.^_`|~"+digits+letters)
	add(regName, "-._~!$&'()*+,;="+digits+letters)
	add(hexDigit, digits+"ABCDEFabcdef")
	add(fieldText|qdtext, "\t ")
	for c := 0x21; c <= 0x7e; c++ {
		t[c] |= vchar | fieldText | qdtext
	}
	for c := 0x80; c <= 0xff; c++ {
		t[c] |= fieldText | qdtext
	}
	t['"'] &^= qdtext
	t['\\'] &^= qdtext
	return t
}

func (c class) has(b byte) bool { return classes[b]&c != 0 }

// span returns how many of v's first bytes are in c.
func span[T text](v T, c class) int {
	i := 0
	for i < len(v) && classes[v[i]]&c != 0 {
		i++
	}
	return i
}

// fieldTextSpan is span(b, fieldText), eight bytes at a time: values are most
// of a head, and a table lookup for each byte would dominate parsing it.
func fieldTextSpan(b []byte) int {
	const ones = 0x0101010101010101
	i := 0
	for len(b)-i >= 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		// The high bit of each byte below 0x20 or equal to 0x7f, and of some
		// others: of HTAB, and of "~" after 0xff, whose carry reaches it. So
		// the table decides on the first byte found.
		bad := ((x - 0x20*ones) | (x + ones)) &^ x & (0x80 * ones)
		if bad == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(bad) / 8
		if !fieldText.has(b[i]) {
			return i
		}
		i++
	}
	return i + span(b[i:], fieldText)
}

func isOWS(b byte) bool { return b == ' ' || b == '\t' }

func trimOWSLeft(b []byte) []byte {
	for len(b) > 0 && isOWS(b[0]) {
		b = b[1:]
	}
	return b
}

func trimOWSRight(b []byte) []byte {
	for len(b) > 0 && isOWS(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// IsToken reports whether v is a token: one or more tchar (RFC 9110, 5.6.2).
func IsToken[T text](v T) bool {
	return len(v) > 0 && span(v, tchar) == len(v)
}

// IsFieldValue reports whether v can be the value of a field as [Field] holds
// it: HTAB, SP, visible ASCII and bytes from 0x80 up, without SP or HTAB at
// its ends. Empty is valid (RFC 9110, 5.5).
func IsFieldValue[T text](v T) bool {
	if len(v) > 0 && (isOWS(v[0]) || isOWS(v[len(v)-1])) {
		return false
	}
	return span(v, fieldText) == len(v)
}

// IsTarget reports whether v is made of visible ASCII and not empty, as each
// of the four forms of a request target is (RFC 9112, 3.2). It checks
// characters only: parsing the URL, refusing a fragment and whether the form
// suits the method are the caller's.
func IsTarget[T text](v T) bool {
	return len(v) > 0 && span(v, vchar) == len(v)
}

// EqualFold reports whether v and s are equal where the case of ASCII letters
// does not count. All other bytes must be the same: unlike Unicode folding it
// never equates "K" with the Kelvin sign.
func EqualFold[T text](v T, s string) bool {
	if len(v) != len(s) {
		return false
	}
	for i := range len(s) {
		if v[i] != s[i] && lower(v[i]) != lower(s[i]) {
			return false
		}
	}
	return true
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}
