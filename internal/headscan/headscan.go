// Package headscan finds where the names and the values of a message head end,
// for the whole head in one go (RFC 9110, sections 5.5 and 5.6.2).
package headscan

import "math/bits"

// MaxMarks is the largest head, in bytes, that Marks has room for.
const MaxMarks = 4096

// Marks has a bit for each byte of a head.
type Marks struct {
	token, text [MaxMarks / 64]uint64
}

// Set marks b, which has MaxMarks bytes at most.
func (m *Marks) Set(b []byte) { mark(b, m.token[:], m.text[:]) }

// TokenEnd returns the place of the first byte from i on that cannot be in a
// token. It is at least the size of b if there is none.
func (m *Marks) TokenEnd(i int) int { return next(&m.token, i) }

// TextEnd returns the place of the first byte from i on that cannot be in the
// text of a field: a control, other than HTAB. It is at least the size of b if
// there is none.
func (m *Marks) TextEnd(i int) int { return next(&m.text, i) }

func next(words *[MaxMarks / 64]uint64, i int) int {
	k := uint(i) / 64
	if k >= uint(len(words)) {
		return MaxMarks
	}
	if w := words[k] >> (uint(i) % 64); w != 0 {
		return i + bits.TrailingZeros64(w)
	}
	for k++; k < uint(len(words)); k++ {
		if words[k] != 0 {
			return int(k)*64 + bits.TrailingZeros64(words[k])
		}
	}
	return MaxMarks
}

// markBytes is mark for any size, byte by byte: the twin of the vector kernel.
func markBytes(b []byte, token, text []uint64) {
	for i, c := range b {
		if i%64 == 0 {
			token[i/64], text[i/64] = 0, 0
		}
		if !isToken(c) {
			token[i/64] |= 1 << (i % 64)
		}
		if c < ' ' && c != '\t' || c == 0x7f {
			text[i/64] |= 1 << (i % 64)
		}
	}
}

func isToken(c byte) bool {
	switch {
	case '0' <= c && c <= '9', 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z':
		return true
	}
	switch c {
	case '!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~':
		return true
	}
	return false
}
