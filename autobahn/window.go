package autobahn

import (
	"errors"
	"slices"
)

// farthest walks through a deflate stream (RFC 1951) and returns the longest
// distance in it. compress/flate takes distances up to 32 KiB whatever was
// agreed, so that it cannot say whether a sender kept to a smaller window. The
// stream is known to be correct otherwise.
func farthest(stream []byte) (distance int, err error) {
	w := walker{bits: bitReader{src: stream}}
	for !w.bits.atEnd() {
		w.block()
	}
	if w.bits.short || w.broken {
		return 0, errWalk
	}
	return w.farthest, nil
}

var errWalk = errors.New("autobahn: malformed deflate stream")

type walker struct {
	bits     bitReader
	farthest int
	broken   bool
}

// block walks through one block: RFC 1951, section 3.2.3.
func (w *walker) block() {
	final := w.bits.take(1) == 1
	switch w.bits.take(2) {
	case 0:
		w.bits.align()
		n := w.bits.take(16)
		w.bits.take(16)
		w.bits.skip(n)
	case 1:
		w.symbols(fixedLiterals, fixedDistances)
	case 2:
		literals, distances := w.codes()
		w.symbols(literals, distances)
	default:
		w.broken = true
	}
	if final {
		w.bits.align()
	}
	if w.broken {
		w.bits.short = true
	}
}

// Extra bits and bases: RFC 1951, section 3.2.5.
var (
	lengthExtra    = [...]int{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distanceExtra  = [...]int{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
	distanceBase   = bases()
	fixedLiterals  = newPrefixCode(fixedLengths())
	fixedDistances = newPrefixCode(slices.Repeat([]int{5}, 30))
)

func bases() (base [30]int) {
	next := 1
	for i, extra := range distanceExtra {
		base[i] = next
		next += 1 << extra
	}
	return base
}

func fixedLengths() []int {
	lengths := make([]int, 288)
	for i := range lengths {
		switch {
		case i < 144:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		case i < 280:
			lengths[i] = 7
		default:
			lengths[i] = 8
		}
	}
	return lengths
}

// symbols walks through the symbols of a block up to its end.
func (w *walker) symbols(literals, distances prefixCode) {
	const endOfBlock = 256
	for !w.bits.short && !w.broken {
		s := literals.next(&w.bits)
		switch {
		case s < 0 || s > 285:
			w.broken = true
		case s == endOfBlock:
			return
		case s > endOfBlock:
			w.bits.take(lengthExtra[s-257])
			d := distances.next(&w.bits)
			if d < 0 || d >= len(distanceBase) {
				w.broken = true
				return
			}
			w.farthest = max(w.farthest, distanceBase[d]+w.bits.take(distanceExtra[d]))
		}
	}
}

// codes reads the codes of a block: RFC 1951, section 3.2.7.
func (w *walker) codes() (literals, distances prefixCode) {
	order := [...]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	nLiterals, nDistances, n := w.bits.take(5)+257, w.bits.take(5)+1, w.bits.take(4)+4
	var codeLengths [19]int
	for _, i := range order[:n] {
		codeLengths[i] = w.bits.take(3)
	}
	code := newPrefixCode(codeLengths[:])
	var lengths []int
	for len(lengths) < nLiterals+nDistances && !w.bits.short && !w.broken {
		value, times := 0, 1
		switch s := code.next(&w.bits); {
		case s < 0 || s == 16 && len(lengths) == 0:
			w.broken = true
			return
		case s < 16:
			value = s
		case s == 16:
			value, times = lengths[len(lengths)-1], 3+w.bits.take(2)
		case s == 17:
			times = 3 + w.bits.take(3)
		default:
			times = 11 + w.bits.take(7)
		}
		for range times {
			lengths = append(lengths, value)
		}
	}
	if len(lengths) != nLiterals+nDistances {
		w.broken = true
		return
	}
	return newPrefixCode(lengths[:nLiterals]), newPrefixCode(lengths[nLiterals:])
}

// prefixCode is a Huffman code: how many symbols there are of each length, and
// the symbols in the order of their codes (RFC 1951, section 3.2.2).
type prefixCode struct {
	count   [16]int
	symbols []int
}

func newPrefixCode(lengths []int) (c prefixCode) {
	for bits := 1; bits < len(c.count); bits++ {
		for symbol, l := range lengths {
			if l == bits {
				c.count[bits]++
				c.symbols = append(c.symbols, symbol)
			}
		}
	}
	return c
}

// next reads a symbol, -1 if no code matches.
func (c *prefixCode) next(b *bitReader) int {
	code, first, index := 0, 0, 0
	for bits := 1; bits < len(c.count); bits++ {
		code |= b.take(1)
		n := c.count[bits]
		if code-first < n {
			return c.symbols[index+code-first]
		}
		index += n
		first = (first + n) << 1
		code <<= 1
	}
	return -1
}

// bitReader reads bits, the lowest of each byte first.
type bitReader struct {
	src   []byte
	pos   int // in bits
	short bool
}

func (b *bitReader) take(n int) (v int) {
	if b.pos+n > 8*len(b.src) {
		b.short = true
		return 0
	}
	for i := range n {
		v |= int(b.src[b.pos>>3]>>(b.pos&7)&1) << i
		b.pos++
	}
	return v
}

func (b *bitReader) align() { b.pos = (b.pos + 7) &^ 7 }

func (b *bitReader) skip(n int) { b.pos += 8 * n }

// atEnd reports whether nothing is left to walk through.
func (b *bitReader) atEnd() bool { return b.short || b.pos >= 8*len(b.src) }
