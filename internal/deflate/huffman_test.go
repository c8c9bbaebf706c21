package deflate

import (
	"math/rand"
	"slices"
	"testing"
)

// optimal returns the cost of an optimal code of unlimited length: the sum of
// the weights of the inner nodes of its tree.
func optimal(frequencies []uint32) (cost int) {
	var weights []int
	for _, f := range frequencies {
		if f != 0 {
			weights = append(weights, int(f))
		}
	}
	for len(weights) > 1 {
		slices.Sort(weights)
		w := weights[0] + weights[1]
		cost += w
		weights = append(weights[2:], w)
	}
	return cost
}

// checkCode checks that codes are complete, within limit, and given to exactly
// the symbols that occur if these are at least two. It returns their cost.
func checkCode(t *testing.T, name string, frequencies []uint32, limit int) (got int) {
	t.Helper()
	var h huffman
	codes := make([]code, len(frequencies))
	keys := h.build(codes, frequencies, limit)
	left, used := 1<<limit, 0
	for s, c := range codes {
		if n := int(c.len()); n > limit {
			t.Fatalf("%s: symbol %d has %d bits", name, s, n)
		} else if n > 0 {
			left -= 1 << (limit - n)
			used++
		} else if frequencies[s] > 0 {
			t.Fatalf("%s: symbol %d has no code", name, s)
		}
	}
	if left != 0 || used != len(keys) {
		t.Fatalf("%s: the code lacks %d of %d; %d symbols, %d keys", name, left, 1<<limit, used, len(keys))
	}
	for s, c := range codes {
		for other, d := range codes {
			if s != other && c != 0 && d != 0 && c.len() <= d.len() && (c.bits()^d.bits())&(1<<c.len()-1) == 0 {
				t.Fatalf("%s: the code of %d begins that of %d", name, s, other)
			}
		}
	}
	return cost(codes, keys)
}

func TestCodesAreOptimal(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for n := 2; n <= literalSymbols; n += 1 + n/8 {
		for _, most := range []int{1, 3, 100, 300, 65535} {
			frequencies := make([]uint32, n)
			for s := range frequencies {
				frequencies[s] = uint32(r.Intn(most + 1))
			}
			frequencies[0], frequencies[n-1] = 1, uint32(most)
			// Below 2^15 times the rarest no optimal code is too long for
			// these, as they are far from Fibonacci's numbers.
			if got, want := checkCode(t, "random", frequencies, maxCodeBits), optimal(frequencies); got < want || got > want+want/1000 {
				t.Errorf("%d symbols up to %d: %d bits, optimal %d", n, most, got, want)
			}
		}
	}
}

func TestCodesAreLimited(t *testing.T) {
	fibonacci := []uint32{1, 1}
	for len(fibonacci) < 22 {
		fibonacci = append(fibonacci, fibonacci[len(fibonacci)-1]+fibonacci[len(fibonacci)-2])
	}
	for limit := 5; limit <= maxCodeBits; limit++ {
		got, want := checkCode(t, "fibonacci", fibonacci, limit), optimal(fibonacci)
		if got < want || limit >= 10 && got > want+want/20 {
			t.Errorf("limit %d: %d bits, without one %d", limit, got, want)
		}
	}
}

func TestCodesOfFewSymbolsAreComplete(t *testing.T) {
	checkCode(t, "no symbol", make([]uint32, 5), maxLengthCodeBits)
	checkCode(t, "the first", []uint32{9, 0, 0}, maxLengthCodeBits)
	checkCode(t, "the last", []uint32{0, 0, 9}, maxLengthCodeBits)
	checkCode(t, "two", []uint32{0, 1, 9}, maxLengthCodeBits)
}

// RFC 1951, section 3.2.5.
func TestSymbolsOfLengthsAndDistances(t *testing.T) {
	for _, tc := range []struct {
		length int
		want   symbol
	}{
		{3, symbol{257, 0, 0}}, {10, symbol{264, 0, 0}}, {11, symbol{265, 0, 1}}, {12, symbol{265, 1, 1}},
		{18, symbol{268, 1, 1}}, {19, symbol{269, 0, 2}}, {130, symbol{280, 15, 4}}, {131, symbol{281, 0, 5}},
		{257, symbol{284, 30, 5}}, {258, symbol{285, 0, 0}},
	} {
		if got := lengths[tc.length]; got != tc.want {
			t.Errorf("length %d: %v, want %v", tc.length, got, tc.want)
		}
	}
	for d := uint(1); d <= 1<<MaxBits; d++ {
		s := &distances[distanceSymbol(d)]
		if d < uint(s.base) || d >= uint(s.base)+1<<s.bits {
			t.Fatalf("distance %d: %v", d, *s)
		}
	}
	if last := distances[distanceSymbols-1]; last.base != 24577 || last.bits != 13 {
		t.Errorf("the last distance symbol: %v", last)
	}
}
