package deflate

// fast appends the sequences of a block to found: at each position it tries
// one candidate, and takes it if it matches.
func (f *finder) fast(found []sequence, k *block) []sequence {
	b, head, shift := k.b[:len(k.b)+padding], f.head, f.shift&31
	end := len(k.b)
	last := end - minMatch
	literal := k.start
	for i := k.start; i <= last; {
		v := load32(b, i)
		h := hash(v) >> shift
		at := k.base + uint16(i)
		d := int(at - head[h])
		head[h] = at
		if uint(d-1) >= uint(min(i-1, k.window)) || load32(b, i-d) != v {
			// Where nothing matches, nothing is likely to.
			i += 1 + (i-literal)>>5
			continue
		}
		stop := extend(b, i+minMatch, i-d+minMatch, end)
		for i > literal && i-d > 1 && b[i-1] == b[i-d-1] {
			i--
		}
		found = appendMatch(found, i-literal, stop-i, d)
		i, literal = stop, stop
		if i <= last {
			head[hash(load32(b, i-2))>>shift] = k.base + uint16(i-2)
		}
	}
	return found
}
