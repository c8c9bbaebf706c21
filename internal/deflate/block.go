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

// block writes p, which found describes, as the shortest kind of block. One of
// at most tiny bytes is not tried as a dynamic block.
func (e *encoder) block(p []byte, found []sequence, tiny int) {
	e.reserve(fixedLimit(len(p)))
	if len(p) <= tiny {
		before := e.bitWriter
		e.put(fixedBlock, blockHeaderBits)
		e.sequences(p, found, &fixed)
		if n := 8*(len(e.out)-len(before.out)) + int(e.n) - int(before.n); n > before.storedBits(len(p)) {
			e.bitWriter = before
			e.stored(p)
		}
		return
	}

	e.histogram.count(p, found)
	literals := e.huffman.build(e.codes.literals[:literalSymbols], e.histogram.literals[:], maxCodeBits)
	fixedBits := cost(fixed.literals[:], literals)
	dynamicBits := cost(e.codes.literals[:], literals)
	distances := e.huffman.build(e.codes.distances[:], e.histogram.distances[:], maxCodeBits)
	fixedBits += cost(fixed.distances[:], distances)
	dynamicBits += cost(e.codes.distances[:], distances)
	dynamicBits += e.header.describe(&e.codes, &e.huffman)

	best := blockHeaderBits + e.histogram.extraBits() + min(fixedBits, dynamicBits)
	switch {
	case e.storedBits(len(p)) <= best:
		e.stored(p)
	case fixedBits <= dynamicBits:
		e.put(fixedBlock, blockHeaderBits)
		e.sequences(p, found, &fixed)
	default:
		e.put(dynamicBlock, blockHeaderBits)
		e.header.write(&e.bitWriter)
		e.sequences(p, found, &e.codes)
	}
}

// fixedLimit returns an upper bound of the octets that a block of n bytes
// takes, whichever kind is the shortest, and the end of a message behind it.
func fixedLimit(n int) int { return n + n/8 + 16 }

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

// sequences writes the symbols of p, for which room has been reserved.
func (w *bitWriter) sequences(p []byte, found []sequence, c *codes) {
	out, at, bits, n := w.out[:cap(w.out)], len(w.out), w.bits, w.n
	for i := 0; ; i++ {
		literals := p
		if i < len(found) {
			literals = p[:found[i].literals]
		}
		for len(literals) >= 3 {
			c0, c1, c2 := c.literals[literals[0]], c.literals[literals[1]], c.literals[literals[2]]
			bits |= c0.bits() << (n & 63)
			n += c0.len()
			bits |= c1.bits() << (n & 63)
			n += c1.len()
			bits |= c2.bits() << (n & 63)
			n += c2.len()
			binary.LittleEndian.PutUint64(out[at:], bits)
			at += int(n >> 3)
			bits >>= n &^ 7 & 63
			n &= 7
			literals = literals[3:]
		}
		for _, b := range literals {
			c0 := c.literals[b]
			bits |= c0.bits() << (n & 63)
			n += c0.len()
		}
		binary.LittleEndian.PutUint64(out[at:], bits)
		at += int(n >> 3)
		bits >>= n &^ 7 & 63
		n &= 7
		if i == len(found) {
			break
		}

		s := &found[i]
		l := &lengths[s.length]
		c0 := c.literals[l.symbol]
		bits |= c0.bits() << (n & 63)
		n += c0.len()
		bits |= uint64(l.extra) << (n & 63)
		n += uint(l.bits)
		d := distanceSymbol(uint(s.distance))
		c0 = c.distances[d]
		bits |= c0.bits() << (n & 63)
		n += c0.len()
		if d >= 4 {
			extra := d>>1 - 1
			bits |= uint64(uint(s.distance-1)&(1<<(extra&63)-1)) << (n & 63)
			n += extra
		}
		binary.LittleEndian.PutUint64(out[at:], bits)
		at += int(n >> 3)
		bits >>= n &^ 7 & 63
		n &= 7
		p = p[int(s.literals)+int(s.length):]
	}
	w.out, w.bits, w.n = out[:at], bits, n
	w.put(c.literals[endOfBlock].bits(), c.literals[endOfBlock].len())
}
