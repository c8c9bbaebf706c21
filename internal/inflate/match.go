package inflate

import "encoding/binary"

// match is a string that occurred distance bytes before.
type match struct {
	length, distance int
}

// copyMatch puts out as much of the match as there is room for.
func (f *Inflater) copyMatch(c *cursor) stop {
	m := &f.match
	n := min(m.length, len(c.out)-c.pos)
	if back := m.distance - (c.pos - c.base); back > 0 {
		// It begins in front of this call's output.
		old := min(n, back)
		f.window.copyTo(c.out[c.pos:c.pos+old], back)
		c.pos += old
		m.length -= old
		n -= old
	}
	double(c.out[:c.pos+n], c.pos, m.distance)
	c.pos += n
	m.length -= n
	if m.length > 0 {
		return needsRoom
	}
	f.state = inCodes
	return goesOn
}

// double fills out from pos on with the distance bytes in front of it, again
// and again. Each copy takes all that is there, so that it is twice as long as
// the one before.
func double(out []byte, pos, distance int) {
	for from := pos - distance; pos < len(out); {
		pos += copy(out[pos:], out[from:pos])
	}
}

// repeat does what double does up to end, and sooner if distance is below 16.
// It may write up to 15 bytes behind end.
func repeat(out []byte, pos, end, distance int) {
	if distance >= 16 {
		double(out[:end], pos, distance)
		return
	}
	// What lies behind the distance bytes in lo and hi is overwritten by the
	// next round.
	from := out[pos-distance:][:16]
	lo, hi := binary.LittleEndian.Uint64(from), binary.LittleEndian.Uint64(from[8:])
	second, step := 8, distance
	if distance < 8 {
		n := 8 * uint(distance)
		lo &= 1<<n - 1
		for ; n < 64; n *= 2 {
			lo |= lo << n
		}
		// Of the eight bytes as many as are a multiple of distance.
		hi, second = lo, 8-8%distance
		step = 2 * second
	}
	for ; pos < end; pos += step {
		to := out[pos:][:16]
		binary.LittleEndian.PutUint64(to, lo)
		binary.LittleEndian.PutUint64(to[second:], hi)
	}
}
