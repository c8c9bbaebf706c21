package autobahn

import "unicode/utf8"

// textCheck checks UTF-8 that arrives in pieces. The zero value is at the start
// of a text.
type textCheck struct {
	tail    [utf8.UTFMax]byte // the begin of a code point that is not complete
	tailLen int
	bad     bool
}

// add takes the next piece, and reports whether everything so far can still be
// the begin of a valid text. A piece that cannot is noticed at the first byte
// that is wrong (RFC 6455, section 8.1).
func (t *textCheck) add(p []byte) bool {
	for t.tailLen > 0 && len(p) > 0 && !t.bad {
		t.tail[t.tailLen] = p[0]
		t.tailLen++
		p = p[1:]
		if head := t.tail[:t.tailLen]; utf8.FullRune(head) {
			t.bad = !utf8.Valid(head)
			t.tailLen = 0
		}
	}
	if !t.bad && utf8.Valid(p) {
		return true
	}
	for len(p) > 0 && !t.bad {
		r, n := utf8.DecodeRune(p)
		switch {
		case r != utf8.RuneError || n > 1:
			p = p[n:]
		case utf8.FullRune(p):
			t.bad = true
		default:
			t.tailLen = copy(t.tail[:], p)
			return true
		}
	}
	return !t.bad
}

// complete reports whether the text may end here.
func (t *textCheck) complete() bool { return !t.bad && t.tailLen == 0 }
