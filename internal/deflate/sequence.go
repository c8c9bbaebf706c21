package deflate

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// padding is how many bytes may be read behind those of a block and behind the
// literals of a parse.
const padding = 16

// parse is what a finder makes of a block: sequences and, one after another,
// the literals of all of them and those behind the last match. That they stand
// alone lets them be counted and written without looking where they end.
type parse struct {
	literals  []byte // with padding bytes behind their end
	sequences []sequence
}

// sequence is a number of literals and the match that follows them.
type sequence struct {
	literals uint16
	length   uint16
	distance uint16
	symbol   uint16 // of the distance
}

// reset makes p empty, with memory for a block of n bytes: all matches have
// minMatch bytes at least, but for the last.
func (p *parse) reset(n int) {
	p.literals = slices.Grow(p.literals[:0], n+padding)
	p.sequences = slices.Grow(p.sequences[:0], n/minMatch+1)
}

// match adds the literals b[from:to] and a match of any length from minMatch.
// b has padding bytes behind its literals.
func (p *parse) match(b []byte, from, to, length, distance int) {
	n := len(p.literals)
	*(*[padding]byte)(p.literals[n : n+padding]) = [padding]byte(b[from : from+padding])
	if to-from > padding {
		copy(p.literals[n:n+to-from], b[from:to])
	}
	p.literals = p.literals[:n+to-from]

	s := sequence{literals: uint16(to - from), distance: uint16(distance), symbol: uint16(distanceSymbol(uint(distance)))}
	for length > maxMatch {
		s.length = maxMatch
		if length-maxMatch < minMatch {
			s.length -= minMatch
		}
		p.sequences = append(p.sequences, s)
		length -= int(s.length)
		s.literals = 0
	}
	s.length = uint16(length)
	p.sequences = append(p.sequences, s)
}

// end adds the literals behind the last match.
func (p *parse) end(literals []byte) {
	p.literals = append(p.literals, literals...)
}

func load32(b []byte, i int) uint32 { return binary.LittleEndian.Uint32(b[i : i+4]) }
func load64(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i : i+8]) }

// extend returns the first place from i on, at most end, where b differs from
// what it has from j on, before i. b has padding bytes behind end.
func extend(b []byte, i, j, end int) int {
	for i < end {
		if diff := load64(b, i) ^ load64(b, j); diff != 0 {
			return min(i+bits.TrailingZeros64(diff)>>3, end)
		}
		i += 8
		j += 8
	}
	return end
}
