package deflate

import (
	"encoding/binary"
	"math/bits"
)

// padding is how many bytes may be read behind the bytes of a block. What they
// are has no influence on anything.
const padding = 8

// sequence is a number of literals and the match that follows them. The
// literals themselves are in the block.
type sequence struct {
	literals uint16
	length   uint16
	distance uint16
	_        uint16 // a size that is a power of two is faster to index
}

// appendMatch appends literals and a match of any length from minMatch.
func appendMatch(found []sequence, literals, length, distance int) []sequence {
	for length > maxMatch {
		n := maxMatch
		if length-n < minMatch {
			n -= minMatch
		}
		found = append(found, sequence{literals: uint16(literals), length: uint16(n), distance: uint16(distance)})
		literals = 0
		length -= n
	}
	return append(found, sequence{literals: uint16(literals), length: uint16(length), distance: uint16(distance)})
}

func load32(b []byte, i int) uint32 { return binary.LittleEndian.Uint32(b[i:]) }
func load64(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }

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
