package deflate

// codes are the two Huffman codes of a block.
type codes struct {
	literals  [literalSymbols + 2]code // and end of block and lengths
	distances [distanceSymbols]code
}

// fixed are those of RFC 1951, section 3.2.6.
var fixed = func() (c codes) {
	var literals, distances [maxCodeBits + 1]uint16
	for s := range c.literals {
		n := code(8)
		switch {
		case s >= 144 && s < 256:
			n = 9
		case s >= 256 && s < 280:
			n = 7
		}
		c.literals[s] = n
		literals[n]++
	}
	for s := range c.distances {
		c.distances[s] = 5
	}
	distances[5] = distanceSymbols
	canonical(c.literals[:], &literals)
	canonical(c.distances[:], &distances)
	return c
}()

// histogram counts the symbols of a block.
type histogram struct {
	literals  [literalSymbols]uint32
	distances [distanceSymbols]uint32
}

func (h *histogram) count(p *parse) {
	*h = histogram{}
	for _, c := range p.literals {
		h.literals[c]++
	}
	for i := range p.sequences {
		s := &p.sequences[i]
		h.literals[lengths[s.length].symbol]++
		h.distances[s.symbol]++
	}
	h.literals[endOfBlock]++
}

// cost returns the bits that codes need for the symbols in keys.
func cost(codes []code, keys []uint32) (n int) {
	for _, k := range keys {
		n += int(k>>symbolBits) * int(codes[k&symbolMask].len())
	}
	return n
}

// extraBits returns the number of extra bits in a block.
func (h *histogram) extraBits() (n int) {
	for s := firstLength + 8; s < literalSymbols-1; s++ {
		n += int(h.literals[s]) * lengthExtraBits(s)
	}
	for s := 4; s < distanceSymbols; s++ {
		n += int(h.distances[s]) * distanceExtraBits(s)
	}
	return n
}
