package inflate

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// randomCode returns the lengths of a complete code for n of symbols, as far
// from even as 15 bits allow if it is skewed.
func randomCode(r *rand.Rand, symbols, n int, skewed bool, always ...int) []int {
	leaves := []int{1, 1}
	for len(leaves) < n {
		i := r.IntN(len(leaves))
		if skewed {
			i = len(leaves) - 1
		}
		for leaves[i] == maxBits {
			i = r.IntN(len(leaves))
		}
		leaves[i]++
		leaves = append(leaves, leaves[i])
	}
	lens := make([]int, symbols)
	for _, sym := range slices.Concat(always, r.Perm(symbols)) {
		if lens[sym] == 0 && len(leaves) > 0 {
			i := r.IntN(len(leaves))
			lens[sym] = leaves[i]
			leaves = slices.Delete(leaves, i, i+1)
		}
	}
	return lens
}

// longest gives sym the longest code of all.
func longest(lens []int, sym int) {
	for other, n := range lens {
		if n > lens[sym] {
			lens[sym], lens[other] = n, lens[sym]
		}
	}
}

// dynamicBlock begins a block with these code lengths, each of them written
// with a code of 4 bits, or of 5 from length 13 on.
func (s *stream) dynamicBlock(lit, dist []int) {
	s.number(0b100, 3)
	s.number(len(lit)-257, 5)
	s.number(len(dist)-1, 5)
	s.number(19-4, 4)
	for _, sym := range metaOrder {
		s.number(4+int(sym)/13, 3)
	}
	for _, n := range slices.Concat(lit, dist) {
		if n < 13 {
			s.code(n, 4)
		} else {
			s.code(13+n, 5)
		}
	}
}

// symbol appends sym in the code of those lengths.
func (s *stream) symbol(lens []int, sym int) {
	for code, v := range plainCode(lens) {
		if n := lens[sym]; v == sym {
			s.code(code&(1<<n-1), n)
		}
	}
}

// TestLongCodes decodes random symbols of random codes, the long ones as often
// as the short ones: no encoder makes such streams.
func TestLongCodes(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	rounds := 120
	if testing.Short() {
		rounds = 30
	}
	before := text(1 << 15)
	for i := range rounds {
		const farthest, longExtra = 29, 284 // 13 and 5 bits behind the code
		lit := randomCode(r, 286, 2+r.IntN(285), i%2 == 0, endOfBlock, longExtra)
		dist := randomCode(r, 30, 2+r.IntN(29), i%4 < 2, farthest)
		longest(lit, longExtra)
		longest(dist, farthest)
		var short []int // literals that codesFast takes two of in one go
		for sym, n := range lit[:endOfBlock] {
			if n > 0 && n <= litBits {
				short = append(short, sym)
			}
		}
		var s stream
		s.dynamicBlock(lit, dist)
		for range 300 {
			sym := r.IntN(len(lit))
			switch r.IntN(4) {
			case 0:
				sym = longExtra
			case 1, 2:
				if len(short) > 0 {
					sym = short[r.IntN(len(short))]
				}
			}
			if lit[sym] == 0 || sym == endOfBlock {
				continue
			}
			s.symbol(lit, sym)
			if sym < endOfBlock {
				continue
			}
			s.number(r.IntN(1<<5), plainLenBits[sym-257])
			sym = farthest
			if d := r.IntN(len(dist)); dist[d] > 0 && r.IntN(2) == 0 {
				sym = d
			}
			s.symbol(dist, sym)
			s.number(r.IntN(1<<13), plainDstBits[sym])
		}
		s.symbol(lit, endOfBlock)
		m := s.message()
		s.stored(before)
		messages := [][]byte{s.message(), m}
		likePlain(t, 15, true, messages, r)
		likeTwin(t, 15, true, before, m)
	}
}
