package inflate

import (
	"math/bits"
	"sync"
)

const (
	litBits  = 10 // codes of literals and lengths up to this are found at once
	distBits = 8
	maxBits  = 15 // RFC 1951, 3.2.7

	maxLit  = 288 // with the two that only the fixed code has
	maxDist = 32

	endOfBlock = 256
)

// A table is indexed with the next bits of the input. An entry is
//
//	bit  31     literal
//	bits 16-30  the literal; the base of a length or distance; where the
//	            second table begins
//	bit  15     neither a literal nor a length or distance
//	bit  14     end of block
//	bit  13     go on in the second table
//	bits 8-11   bits of the code
//	bits 0-5    bits of the code and of what follows it
//
// Codes longer than the index of the first table are found in a second one,
// which the bits after that index select from.
const (
	flagLiteral = 1 << 31
	flagOther   = 1 << 15
	flagEnd     = 1 << 14
	flagSecond  = 1 << 13

	unused = flagOther | 1<<8 | 1
)

func codeBits(e uint32) uint  { return uint(e>>8) & 15 }
func totalBits(e uint32) uint { return uint(e) & 63 }

// value is the base in e and the extra bits behind its code, which are the
// next in hold.
func value(e uint32, hold uint64) int {
	return int(e>>16) + int(hold&(1<<totalBits(e)-1)>>codeBits(e))
}

// Each second table has at least two codes, and is as large as the longest
// code asks for.
const (
	litTable  = 1<<litBits + (maxLit/2)<<(maxBits-litBits)
	distTable = 1<<distBits + (maxDist/2)<<(maxBits-distBits)
)

// tables are what a block needs to be decoded. They come from a pool.
type tables struct {
	lit  [litTable]uint32
	dist [distTable]uint32
	desc description
}

var tablePool = sync.Pool{New: func() any { return new(tables) }}

// fixed are the tables of RFC 1951, 3.2.6. They are never changed.
var fixed = sync.OnceValue(func() *tables {
	t := new(tables)
	var lens [maxLit]uint8
	for i := range lens {
		switch {
		case i < 144:
			lens[i] = 8
		case i < 256:
			lens[i] = 9
		case i < 280:
			lens[i] = 7
		default:
			lens[i] = 8
		}
	}
	var all [maxLit]uint16
	for sym := range all {
		all[sym] = uint16(sym)
	}
	build(t.lit[:], litBits, all[:], lens[:], &litEntries)
	for i := range maxDist {
		lens[i] = 5
	}
	build(t.dist[:], distBits, all[:maxDist], lens[:], &distEntries)
	return t
})

// build fills table from the lengths of the codes of symbols, as RFC 1951,
// 3.2.2 makes codes from them; entries are what the symbols stand for. A
// single code of one bit is taken for the half of a code that it is, and no
// symbol at all for a code that is never used (RFC 1951, 3.2.7).
func build(table []uint32, first uint, symbols []uint16, lens []uint8, entries *[maxLit]uint32) bool {
	var count, place [maxBits + 1]int
	for _, sym := range symbols {
		count[lens[sym]&maxBits]++
	}
	longest, left := 0, 1
	for n := 1; n <= maxBits; n++ {
		if count[n] > 0 {
			longest = n
		}
		if left = left<<1 - count[n]; left < 0 {
			return false
		}
		place[n] = place[n-1] + count[n-1]
	}
	if left > 0 {
		if longest > 1 {
			return false
		}
		for i := range table[:1<<first] {
			table[i] = unused
		}
		if longest == 1 {
			e := entries[symbols[0]] + 1<<8 + 1
			for i := 0; i < 1<<first; i += 2 {
				table[i] = e
			}
		}
		return true
	}
	var sorted [maxLit]uint16
	for _, sym := range symbols {
		at := &place[lens[sym]&maxBits]
		sorted[*at] = sym
		*at++
	}
	fill(table, first, sorted[:len(symbols)], &count, uint(longest), entries)
	return true
}

// fill writes the entries of a complete code: symbols, shortest code first.
func fill(table []uint32, first uint, symbols []uint16, count *[maxBits + 1]int, longest uint, entries *[maxLit]uint32) {
	code := uint(0) // of the next symbol, its first bit lowest
	n := uint(1)
	for ; n <= first && len(symbols) > 0; n++ {
		if n > 1 {
			// All codes so far say the same whatever the next bit is.
			half := uint(1) << (n - 1)
			copy(table[half:2*half], table[:half])
		}
		add := uint32(n)<<8 | uint32(n)
		for _, sym := range symbols[:count[n]] {
			table[code] = entries[sym] + add
			code = following(code, n)
		}
		symbols = symbols[count[n]:]
	}
	for ; n <= first; n++ {
		half := uint(1) << (n - 1)
		copy(table[half:2*half], table[:half])
	}
	if len(symbols) == 0 {
		return
	}

	size := uint(1) << (longest - first)
	end := uint(1) << first
	prefix := ^uint(0)
	var second []uint32
	for ; n <= longest; n++ {
		add := uint32(n)<<8 | uint32(n)
		for _, sym := range symbols[:count[n]] {
			if p := code & (1<<first - 1); p != prefix {
				prefix = p
				table[p] = uint32(end)<<16 | flagOther | flagSecond | uint32(longest-first)
				second = table[end : end+size]
				end += size
			}
			e := entries[sym] + add
			for i := code >> first; i < size; i += 1 << (n - first) {
				second[i] = e
			}
			code = following(code, n)
		}
		symbols = symbols[count[n]:]
	}
}

// following returns the code of n bits after code. Codes count upwards from
// their first bit, which is the lowest here; a code that grows by a bit gets
// a zero there, so that nothing is to be done.
func following(code, n uint) uint {
	clear := ^code & (1<<n - 1)
	if clear == 0 {
		return 0
	}
	carry := uint(1) << (bits.Len(clear) - 1)
	return code&(carry-1) | carry
}

// litEntries and distEntries are what symbols stand for (RFC 1951, 3.2.5).
var (
	litEntries  = makeLitEntries()
	distEntries = makeDistEntries()
)

func makeLitEntries() (e [maxLit]uint32) {
	for i := range uint32(256) {
		e[i] = flagLiteral | i<<16
	}
	e[endOfBlock] = flagOther | flagEnd
	base := uint32(3)
	for i := range uint32(28) {
		extra := uint32(0)
		if i >= 8 {
			extra = i/4 - 1
		}
		e[257+i] = base<<16 | extra
		base += 1 << extra
	}
	e[285] = 258 << 16
	e[286] = flagOther
	e[287] = flagOther
	return e
}

func makeDistEntries() (e [maxLit]uint32) {
	base := uint32(1)
	for i := range uint32(30) {
		extra := uint32(0)
		if i >= 4 {
			extra = i/2 - 1
		}
		e[i] = base<<16 | extra
		base += 1 << extra
	}
	e[30] = flagOther
	e[31] = flagOther
	return e
}
