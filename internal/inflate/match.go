package inflate

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
	// The string may overlap itself: then what was copied is copied again.
	for n > 0 {
		k := copy(c.out[c.pos:c.pos+n], c.out[c.pos-m.distance:c.pos])
		c.pos += k
		m.length -= k
		n -= k
	}
	if m.length > 0 {
		return needsRoom
	}
	f.state = inCodes
	return goesOn
}
