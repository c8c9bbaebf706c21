package deflate

import "math/bits"

// RFC 1951, section 3.2.5: lengths and distances are written as a symbol of
// their alphabet and extra bits.
const (
	minMatch = 4 // shorter ones, down to 3, are legal but hardly pay
	maxMatch = 258

	endOfBlock  = 256
	firstLength = 257

	literalSymbols  = 286
	distanceSymbols = 30
)

// symbol is what a length is written as.
type symbol struct {
	symbol uint16 // of the literal alphabet
	extra  uint8  // the value of the extra bits
	bits   uint8  // their number
}

// lengths has the symbol of each length from 3 at its place.
var lengths = func() (table [maxMatch + 1]symbol) {
	length := 3
	for s := uint16(firstLength); s < literalSymbols-1; s++ {
		n := lengthExtraBits(int(s))
		for extra := range 1 << n {
			if length < maxMatch {
				table[length] = symbol{s, uint8(extra), uint8(n)}
				length++
			}
		}
	}
	table[maxMatch] = symbol{symbol: literalSymbols - 1}
	return table
}()

// distances has the least distance of each symbol, and its extra bits.
var distances = func() (table [distanceSymbols]struct{ base, bits uint16 }) {
	base := 1
	for s := range table {
		n := distanceExtraBits(s)
		table[s].base, table[s].bits = uint16(base), uint16(n)
		base += 1 << n
	}
	return table
}()

// lengthExtraBits returns how many extra bits follow a symbol of the literal
// alphabet.
func lengthExtraBits(s int) int {
	if s < firstLength+8 || s == literalSymbols-1 {
		return 0
	}
	return (s-firstLength)>>2 - 1
}

// distanceExtraBits returns how many extra bits follow a distance symbol.
func distanceExtraBits(s int) int {
	return max(s>>1-1, 0)
}

// distanceSymbol returns the symbol of distance d.
func distanceSymbol(d uint) uint {
	d--
	if d < 2 {
		return d
	}
	n := uint(bits.Len(d)) - 2
	return 2*n + d>>(n&63)
}
