package autobahn

import (
	"encoding/binary"
	"errors"
	"math/bits"
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
	// short has, for each value of the next shortBits bits, the symbol that they
	// begin with, shifted by 4, and its length; 0 if that is longer.
	short [1 << shortBits]uint16
}

const shortBits = 9

func newPrefixCode(lengths []int) (c prefixCode) {
	code := 0
	for length := 1; length < len(c.count); length++ {
		code <<= 1
		for symbol, l := range lengths {
			if l == length {
				c.enter(code, length, symbol)
				c.count[length]++
				c.symbols = append(c.symbols, symbol)
				code++
			}
		}
	}
	return c
}

// enter notes a short code: it is sent with its highest bit first, and followed
// by anything. What is no code, because there are too many of its length, is
// none here either.
func (c *prefixCode) enter(code, length, symbol int) {
	if length > shortBits || code>>length != 0 {
		return
	}
	reversed := int(bits.Reverse16(uint16(code)) >> (16 - length))
	for i := reversed; i < len(c.short); i += 1 << length {
		c.short[i] = uint16(symbol<<4 | length)
	}
}

// next reads a symbol, -1 if no code matches.
func (c *prefixCode) next(b *bitReader) int {
	b.fill()
	if e := c.short[b.hold&(1<<shortBits-1)]; e != 0 && int(e&15) <= b.n {
		b.drop(int(e & 15))
		return int(e >> 4)
	}
	return c.nextByBit(b)
}

// nextByBit is next without the table.
func (c *prefixCode) nextByBit(b *bitReader) int {
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
	src   []byte // that hold does not have
	hold  uint64 // the next n bits, and perhaps some of those after them
	n     int
	short bool
}

// fill has hold know 56 bits at least, if so many are left.
func (b *bitReader) fill() {
	if len(b.src) >= 8 {
		b.hold |= binary.LittleEndian.Uint64(b.src) << b.n
		whole := (63 - b.n) / 8
		b.src = b.src[whole:]
		b.n += 8 * whole
		return
	}
	for ; b.n <= 56 && len(b.src) > 0; b.src = b.src[1:] {
		b.hold |= uint64(b.src[0]) << b.n
		b.n += 8
	}
}

func (b *bitReader) drop(n int) {
	b.hold >>= n
	b.n -= n
}

// take reads up to 16 bits, zero if there are not so many.
func (b *bitReader) take(n int) int {
	if b.n < n {
		if b.fill(); b.n < n {
			b.short = true
			return 0
		}
	}
	v := int(b.hold & (1<<n - 1))
	b.drop(n)
	return v
}

// align goes to the begin of the next byte.
func (b *bitReader) align() { b.drop(b.n & 7) }

// skip goes beyond n bytes, from the begin of one.
func (b *bitReader) skip(n int) {
	b.fill()
	held := min(n, b.n/8)
	b.drop(8 * held)
	if n -= held; n > len(b.src) {
		b.short = true
		n = len(b.src)
	}
	if n > 0 {
		b.hold, b.src = 0, b.src[n:]
	}
}

// atEnd reports whether nothing is left to walk through.
func (b *bitReader) atEnd() bool { return b.short || b.n == 0 && len(b.src) == 0 }
