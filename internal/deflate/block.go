package deflate

import "encoding/binary"

const (
	// maxBlock is how many bytes a block takes at most: what fits into a
	// stored one.
	maxBlock = 65535

	// Block types with BFINAL=0 in front (RFC 1951, section 3.2.3).
	blockHeaderBits = 3
	storedBlock     = 0 << 1
	fixedBlock      = 1 << 1
	dynamicBlock    = 2 << 1

	storedLengthBytes = 4 // LEN and NLEN
)

// encoder writes blocks. All but the writer is scratch memory.
type encoder struct {
	bitWriter
	histogram histogram
	huffman   huffman
	codes     codes
	header    header
}

// block writes b, of which p is a parse, as the shortest kind of block. One of
// at most tiny bytes is not tried as a dynamic block.
func (e *encoder) block(b []byte, p *parse, tiny int) {
	e.reserve(blockLimit(len(b)))
	if len(b) <= tiny {
		before := e.bitWriter
		e.put(fixedBlock, blockHeaderBits)
		e.parse(p, &fixed)
		if n := 8*(len(e.out)-len(before.out)) + int(e.n) - int(before.n); n > before.storedBits(len(b)) {
			e.bitWriter = before
			e.stored(b)
		}
		return
	}

	e.histogram.count(p)
	literals := e.huffman.build(e.codes.literals[:literalSymbols], e.histogram.literals[:], maxLiteralCodeBits)
	fixedBits := cost(fixed.literals[:], literals)
	dynamicBits := cost(e.codes.literals[:], literals)
	distances := e.huffman.build(e.codes.distances[:], e.histogram.distances[:], maxCodeBits)
	fixedBits += cost(fixed.distances[:], distances)
	dynamicBits += cost(e.codes.distances[:], distances)
	dynamicBits += e.header.describe(&e.codes, &e.huffman)

	best := blockHeaderBits + e.histogram.extraBits() + min(fixedBits, dynamicBits)
	switch {
	case e.storedBits(len(b)) <= best:
		e.stored(b)
	case fixedBits <= dynamicBits:
		e.put(fixedBlock, blockHeaderBits)
		e.parse(p, &fixed)
	default:
		e.put(dynamicBlock, blockHeaderBits)
		e.header.write(&e.bitWriter)
		e.parse(p, &e.codes)
	}
}

// blockLimit returns an upper bound of the octets that n bytes take in a fixed
// block, and so in the shortest one.
func blockLimit(n int) int { return n + n/8 + 16 }

// storedBits returns the size of a stored block of n bytes.
func (w *bitWriter) storedBits(n int) int {
	return blockHeaderBits + int(-(w.n+blockHeaderBits)&7) + 8*(storedLengthBytes+n)
}

// stored writes p as a stored block.
func (w *bitWriter) stored(p []byte) {
	w.put(storedBlock, blockHeaderBits)
	w.align()
	w.out = binary.LittleEndian.AppendUint16(w.out, uint16(len(p)))
	w.out = binary.LittleEndian.AppendUint16(w.out, ^uint16(len(p)))
	w.out = append(w.out, p...)
}

// end ends a message: an empty stored block without its LEN and NLEN, which
// are the octets 00 00 ff ff (RFC 7692, section 7.2.1).
func (w *bitWriter) end() {
	w.put(storedBlock, blockHeaderBits)
	w.align()
}

// parse writes the symbols of p, for which room has been reserved.
func (w *bitWriter) parse(p *parse, c *codes) {
	out, at, bits, n := w.out[:cap(w.out)], len(w.out), w.bits, w.n
	literals, next := p.literals[:len(p.literals)+padding], 0
	for i := range p.sequences {
		s := &p.sequences[i]
		rest := int(s.literals)
		for ; rest >= 4; rest -= 4 {
			l := (*[4]byte)(literals[next:])
			bits, n = add(bits, n, c.literals[l[0]])
			bits, n = add(bits, n, c.literals[l[1]])
			bits, n = add(bits, n, c.literals[l[2]])
			bits, n = add(bits, n, c.literals[l[3]])
			at, bits, n = store(out, at, bits, n)
			next += 4
		}
		// Up to three remain, mostly none. How many they are would be guessed
		// wrongly too often: the code of one that does not remain becomes 0.
		if rest > 0 {
			l := (*[3]byte)(literals[next:])
			bits, n = add(bits, n, c.literals[l[0]])
			bits, n = add(bits, n, c.literals[l[1]]&code((1-rest)>>31))
			bits, n = add(bits, n, c.literals[l[2]]&code((2-rest)>>31))
			at, bits, n = store(out, at, bits, n)
			next += rest
		}

		// Both codes of the match are put together before they join what
		// waits, so that nothing but that has to wait for it.
		length, distance := &lengths[s.length], &distances[s.symbol]
		match, m := c.literals[length.symbol].bits(), c.literals[length.symbol].len()
		match |= uint64(length.extra) << (m & 63)
		m += uint(length.bits)
		match, m = add(match, m, c.distances[s.symbol])
		match |= uint64(s.distance-distance.base) << (m & 63)
		m += uint(distance.bits)
		bits |= match << (n & 63)
		n += m
		at, bits, n = store(out, at, bits, n)
	}
	w.out, w.bits, w.n = out[:at], bits, n
	w.literals(p.literals[next:], c)
	w.put(c.literals[endOfBlock].bits(), c.literals[endOfBlock].len())
}

// literals writes the literals behind the last match.
func (w *bitWriter) literals(l []byte, c *codes) {
	out, at, bits, n := w.out[:cap(w.out)], len(w.out), w.bits, w.n
	for ; len(l) >= 4; l = l[4:] {
		bits, n = add(bits, n, c.literals[l[0]])
		bits, n = add(bits, n, c.literals[l[1]])
		bits, n = add(bits, n, c.literals[l[2]])
		bits, n = add(bits, n, c.literals[l[3]])
		at, bits, n = store(out, at, bits, n)
	}
	for _, b := range l {
		bits, n = add(bits, n, c.literals[b])
	}
	at, bits, n = store(out, at, bits, n)
	w.out, w.bits, w.n = out[:at], bits, n
}
