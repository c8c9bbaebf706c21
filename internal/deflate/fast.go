package deflate

// fast parses a block: at each position it tries one candidate, and takes it
// if it matches.
func (f *finder) fast(p *parse, k *block) {
	end := len(k.b)
	b := k.padded()
	literal := k.start
	for {
		i, d := f.seek(k, literal)
		if d == 0 {
			break
		}
		stop := extend(b, i+minMatch, i-d+minMatch, end)
		for i > literal && i-d > 1 && b[i-1] == b[i-d-1] {
			i--
		}
		p.match(b, literal, i, stop-i, d)
		literal = stop
		f.head[place(f.head, load64(b, stop-2))] = k.base + uint16(stop-2)
	}
	p.end(k.b[literal:])
}

// seek returns the first position from i on that has a match, and its
// distance; 0 if there is none.
func (f *finder) seek(k *block, i int) (at, distance int) {
	last := len(k.b) - minMatch
	b, head, base, window := k.padded(), f.head, k.base, k.window
	if len(head) == 0 {
		return 0, 0 // never; it spares the loop a check of the index
	}
	literal := i
	for i <= last {
		v := load64(b, i)
		h := &head[place(head, v)]
		at := base + uint16(i)
		d := int(at-1-*h) + 1
		*h = at
		// A candidate that is out of reach is compared all the same, with
		// the sign of reach against it: one branch is guessed wrongly less
		// often than two.
		reach := min(i-1, window) - d
		j := i - d
		j &^= j >> 63
		if (uint32(load64(b, j))^uint32(v))|uint32(reach>>31) == 0 {
			return i, d
		}
		// Where nothing matches, nothing is likely to.
		i += 1 + (i-literal)>>5
	}
	return 0, 0
}
