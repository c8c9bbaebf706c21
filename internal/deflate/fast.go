package deflate

// fast parses a block: it tries one candidate at a position, and takes it if it
// matches.
func (f *finder) fast(p *parse, k *block) {
	last := len(k.b) - minMatch
	b, head, factor, base := k.padded(), f.head, f.factor, k.base
	if len(head) == 0 {
		return // never; it spares the loop a check of the index
	}
	// In a long block every third position is left out: if a match begins
	// there, most of it is found behind.
	step := 2
	if len(k.b)-k.start > 4<<10 {
		step = 3
	}
	literal := k.start
	for i := literal; i <= last; {
		// Two positions share a branch, which is guessed wrongly less often
		// than two would be: all are compared, even those out of reach.
		v := load64(b, i)
		h := &head[place(head, factor, v)]
		d := int(base + uint16(i) - *h)
		*h = base + uint16(i)
		first := load32(b, max(i-d, 0)) ^ uint32(v)
		h = &head[place(head, factor, v>>8)]
		e := int(base + uint16(i) + 1 - *h)
		*h = base + uint16(i) + 1
		second := load32(b, max(i+1-e, 0)) ^ uint32(v>>8)
		if uint64(first)*uint64(second) == 0 {
			if first == 0 && k.reaches(i, d) {
				i = p.take(k, literal, i, d)
				literal = i
				continue
			}
			if second == 0 && k.reaches(i+1, e) {
				i = p.take(k, literal, i+1, e)
				literal = i
				continue
			}
		}
		// Where nothing matches, nothing is likely to.
		i += step + (i-literal)>>5
	}
	p.end(k.b[literal:])
}

// take adds the literals from literal on and the match at i with what is d bytes
// before, as long as it is in both directions. It returns the end of it.
func (p *parse) take(k *block, literal, i, d int) (stop int) {
	b := k.padded()
	stop = extend(b, i+minMatch, i-d+minMatch, len(k.b))
	for i > literal && i-d > 1 && b[i-1] == b[i-d-1] {
		i--
	}
	p.match(b, literal, i, stop-i, d)
	return stop
}
