package inflate

// codes decodes symbols one at a time, with every check. It is what
// codesFast is held against, and does what that leaves at the borders.
func (f *Inflater) codes(c *cursor) (stop, error) {
	t, b := f.tables, &f.held
	for {
		// A length and a distance take at most 48 bits. If these are not
		// there, zeros stand in for them, and a code that needs some of them
		// is longer than what is held.
		if b.n < 48 {
			b.fill(c)
		}
		e := t.lit[b.hold&(1<<litBits-1)]
		if e&flagSecond != 0 {
			e = t.lit[e>>16&0x7fff+uint32(b.hold>>litBits)&(1<<(e&15)-1)]
		}
		if totalBits(e) > b.n {
			return needsInput, nil
		}
		switch {
		case e&flagLiteral != 0:
			if c.pos == len(c.out) {
				return needsRoom, nil
			}
			b.skip(totalBits(e))
			c.out[c.pos] = byte(e >> 16)
			c.pos++
		case e&flagOther == 0:
			m := match{length: value(e, b.hold)}
			rest := bitBuffer{hold: b.hold >> totalBits(e), n: b.n - totalBits(e)}
			d := t.dist[rest.hold&(1<<distBits-1)]
			if d&flagSecond != 0 {
				d = t.dist[d>>16&0x7fff+uint32(rest.hold>>distBits)&(1<<(d&15)-1)]
			}
			if totalBits(d) > rest.n {
				return needsInput, nil
			}
			if d&flagOther != 0 {
				return failed, ErrUnusedCode
			}
			m.distance = value(d, rest.hold)
			if m.distance > f.window.size || m.distance > c.pos-c.base+f.window.held {
				return failed, ErrDistance
			}
			rest.skip(totalBits(d))
			*b, f.match, f.state = rest, m, inMatch
			if s := f.copyMatch(c); s != goesOn || c.plenty() {
				return s, nil
			}
		case e&flagEnd != 0:
			b.skip(totalBits(e))
			f.state = atHeader
			return goesOn, nil
		default:
			return failed, ErrUnusedCode
		}
	}
}
