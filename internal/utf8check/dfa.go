package utf8check

// The states of a text: each is a shift in the rows of dfa.
const (
	between   = 0  // between runes
	bad       = 6  // for good
	one       = 12 // one continuation byte is still to come
	two       = 18
	three     = 24
	afterE0   = 30 // two, the first not below 0xa0: no overlong form
	afterED   = 36 // two, the first not above 0x9f: no surrogate
	afterF0   = 42 // three, the first not below 0x90: no overlong form
	afterF4   = 48 // three, the first not above 0x8f: not beyond U+10FFFF
	allStates = 63
)

// dfa has a row for each byte, with the state that follows on each state in
// six bits at that state's place. So a step is one load, which need not wait
// for the step before, and one shift; no branch is mispredicted. It is never
// written after initialisation.
var dfa = rows()

func rows() (rows [256]uint64) {
	for b := range rows {
		for _, s := range []uint64{between, bad, one, two, three, afterE0, afterED, afterF0, afterF4} {
			rows[b] |= follow(s, byte(b)) << s
		}
	}
	return rows
}

// follow is RFC 3629, section 4.
func follow(state uint64, b byte) uint64 {
	within := func(lo, hi byte, next uint64) uint64 {
		if lo <= b && b <= hi {
			return next
		}
		return bad
	}
	switch state {
	case between:
		return lead(b)
	case one:
		return within(0x80, 0xbf, between)
	case two:
		return within(0x80, 0xbf, one)
	case three:
		return within(0x80, 0xbf, two)
	case afterE0:
		return within(0xa0, 0xbf, one)
	case afterED:
		return within(0x80, 0x9f, one)
	case afterF0:
		return within(0x90, 0xbf, two)
	case afterF4:
		return within(0x80, 0x8f, two)
	}
	return bad
}

// lead is the state after a rune's first byte.
func lead(b byte) uint64 {
	switch {
	case b < 0x80:
		return between
	case b < 0xc2, b > 0xf4:
		return bad
	case b < 0xe0:
		return one
	case b == 0xe0:
		return afterE0
	case b == 0xed:
		return afterED
	case b < 0xf0:
		return two
	case b == 0xf0:
		return afterF0
	case b == 0xf4:
		return afterF4
	}
	return three
}

// step returns the state after b.
func step(state uint64, b byte) uint64 { return dfa[b] >> (state & allStates) }

// steps returns the state after all of p.
func steps(p []byte) (state uint64) {
	for len(p) >= 3 {
		state = step(step(step(state, p[0]), p[1]), p[2])
		p = p[3:]
	}
	for _, b := range p {
		state = step(state, b)
	}
	return state
}
