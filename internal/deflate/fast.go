package deflate

import "math/bits"

// fast parses a block: at each position it tries one candidate, and takes it
// if it matches.
func (f *finder) fast(p *parse, k *block) {
	end := len(k.b)
	last := end - minMatch
	b, head, shift := k.b[:end+padding], f.head, f.shift&63
	base, window := k.base, k.window
	literal := k.start
	for i := k.start; i <= last; {
		v := load64(b, i)
		h := hash5(v) >> shift
		at := base + uint16(i)
		d := int(at - head[h])
		head[h] = at
		if uint(d-1) >= uint(min(i-1, window)) {
			i += 1 + (i-literal)>>5
			continue
		}
		diff := load64(b, i-d) ^ v
		if uint32(diff) != 0 {
			// Where nothing matches, nothing is likely to.
			i += 1 + (i-literal)>>5
			continue
		}
		stop := min(i+bits.TrailingZeros64(diff)>>3, end)
		if diff == 0 {
			stop = extend(b, i+8, i-d+8, end)
		}
		for i > literal && i-d > 1 && b[i-1] == b[i-d-1] {
			i--
		}
		p.match(b, literal, i, stop-i, d)
		i, literal = stop, stop
		if i <= last {
			head[hash5(load64(b, i-2))>>shift] = base + uint16(i-2)
		}
	}
	p.end(k.b[literal:])
}
