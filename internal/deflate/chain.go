package deflate

// chain parses a block: at each position it follows the chain of those with the
// same hash, and it may put off a match in favour of a longer one at the next
// position.
func (f *finder) chain(p *parse, k *block, s *search) {
	b := k.padded()
	last := len(k.b) - minMatch
	literal := k.start
	for i := k.start; i <= last; {
		length, distance := f.longest(k, i, minMatch-1, s.depth, s)
		if length == 0 {
			i += 1 + (i-literal)>>s.skip
			continue
		}
		inserted := i + 1
		for length < s.lazy && i < last {
			depth := s.depth
			if length >= s.good {
				depth >>= 2
			}
			l, d := f.longest(k, i+1, length, depth, s)
			inserted = i + 2
			if l == 0 {
				break
			}
			i, length, distance = i+1, l, d
		}
		p.match(b, literal, i, length, distance)
		i += length
		literal = i
		f.insert(k, inserted, i)
	}
	p.end(k.b[literal:])
}

// longest enters position i, and returns the longest match there that is longer
// than best, or nothing. It tries at most depth candidates.
func (f *finder) longest(k *block, i, best, depth int, s *search) (length, distance int) {
	b, head, prev, end := k.padded(), f.head, f.prev, len(k.b)
	if len(head) == 0 || len(prev) == 0 {
		return 0, 0 // never; it spares the loop a check of the index
	}
	at := k.base + uint16(i)
	h := &head[place(head, f.factor, load64(b, i))]
	candidate := *h
	*h = at
	prev[int(at)&(len(prev)-1)] = candidate

	if s.hasty && best < minMatch && load32(b, max(i-int(at-candidate), 0)) != load32(b, i) {
		return 0, 0
	}

	limit := min(i-1, k.window)
	nice := min(s.nice, end-i)
	// What is longer than the best one has also the four bytes in which that
	// would end, were it longer by one.
	tail := best + 1 - minMatch
	v := load32(b, i+tail)
	for behind := 0; depth > 0 && best < nice; depth-- {
		d := int(at - candidate)
		if d <= behind || d > limit {
			break
		}
		behind = d
		if load32(b, i-d+tail) == v {
			if n := extend(b, i, i-d, end) - i; n > best {
				best, length, distance = n, n, d
				tail = best + 1 - minMatch
				v = load32(b, i+tail)
			}
		}
		candidate = prev[int(candidate)&(len(prev)-1)]
	}
	return length, distance
}
