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
	for i < last {
		// Two positions share a branch, which is guessed wrongly less often
		// than two would be.
		v := load64(b, i)
		h := &head[place(head, v)]
		d := int(base+uint16(i)-1-*h) + 1
		*h = base + uint16(i)
		h = &head[place(head, v>>8)]
		e := int(base+uint16(i)-*h) + 1
		*h = base + uint16(i) + 1
		miss := compare(b, v, i, d, window)
		if uint64(miss)*uint64(compare(b, v>>8, i+1, e, window)) == 0 {
			if miss == 0 {
				return i, d
			}
			return i + 1, e
		}
		// Where nothing matches, nothing is likely to.
		i += 2 + (i-literal)>>4
	}
	for i <= last {
		v := load64(b, i)
		h := &head[place(head, v)]
		d := int(base+uint16(i)-1-*h) + 1
		*h = base + uint16(i)
		if compare(b, v, i, d, window) == 0 {
			return i, d
		}
		i++
	}
	return 0, 0
}

// compare returns 0 if the bytes d before i begin as v does and are in reach.
// Those that are not are compared all the same, with the sign of what is left
// of the reach against them.
func compare(b []byte, v uint64, i, d, window int) uint32 {
	reach := min(i-1, window) - d
	j := i - d
	j &^= j >> 63
	return load32(b, j) ^ uint32(v) | uint32(reach>>31)
}
