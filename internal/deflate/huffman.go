package deflate

import "math/bits"

const (
	maxCodeBits        = 15 // of distances
	maxLiteralCodeBits = 14 // so that four fit into a word; the format allows 15
	symbolBits         = 9  // enough for the number of a symbol
	symbolMask         = 1<<symbolBits - 1
)

// code is a Huffman code: its bits in the order in which they are written,
// shifted by 8, and their number.
type code uint32

func (c code) bits() uint64 { return uint64(c >> 8) }
func (c code) len() uint    { return uint(c & 0xff) }

// huffman builds codes. It is scratch memory.
type huffman struct {
	keys   [literalSymbols + 2]uint32 // frequency<<symbolBits | symbol, from rare to frequent
	sorted [literalSymbols + 2]uint32 // the other half of the radix sort, then the tree
}

// build gives each symbol of nonzero frequency a code of at most limit bits,
// every other one none, and returns the symbols that have one, with their
// frequencies. There are at least two, so that the code is complete: some
// decoders refuse others.
func (h *huffman) build(codes []code, frequencies []uint32, limit int) (keys []uint32) {
	n, most := 0, uint32(0)
	for s, f := range frequencies {
		codes[s] = 0
		if f != 0 {
			h.keys[n] = f<<symbolBits | uint32(s)
			most |= f
			n++
		}
	}
	for s := uint32(0); n < 2; s++ {
		if n == 0 || h.keys[0]&symbolMask != s {
			h.keys[n] = s
			n++
		}
	}
	keys = h.sort(n, most)
	lengths := codeLengths(h.sorted[:n], keys, limit)
	assign(codes, keys, &lengths)
	return keys
}

// sort sorts the first n keys by frequency, and equal ones by symbol. most has
// at least the bits of the highest frequency.
func (h *huffman) sort(n int, most uint32) []uint32 {
	const digit = 8
	from, to := h.keys[:n], h.sorted[:n]
	for shift := uint32(symbolBits); most != 0; shift, most = shift+digit, most>>digit {
		var starts [1 << digit]uint16
		for _, k := range from {
			starts[uint8(k>>(shift&31))]++
		}
		at := uint16(0)
		for i, count := range starts[:min(most+1, 1<<digit)] {
			starts[i] = at
			at += count
		}
		for _, k := range from {
			d := uint8(k >> (shift & 31))
			to[starts[d]] = k
			starts[d]++
		}
		from, to = to, from
	}
	if n > 0 && &from[0] != &h.keys[0] {
		copy(h.keys[:n], from)
	}
	return h.keys[:n]
}

// codeLengths returns how many codes of each length an optimal code for the
// sorted keys has, with those that would exceed limit brought back to it. tree
// is scratch of the size of keys.
//
// It is the algorithm of Moffat and Katajainen (In-Place Calculation of
// Minimum-Redundancy Codes, 1995): the leaves are sorted, and inner nodes come
// into being sorted, so that the two lightest stand at the front of two queues.
func codeLengths(tree, keys []uint32, limit int) (lengths [maxCodeBits + 1]uint16) {
	n := len(keys)
	root, leaf := 0, 0
	weigh := func(next int) (w uint32) {
		if leaf < n && (root >= next || keys[leaf]>>symbolBits <= tree[root]) {
			w = keys[leaf] >> symbolBits
			leaf++
			return w
		}
		w = tree[root]
		tree[root] = uint32(next)
		root++
		return w
	}
	for next := range n - 1 {
		w := weigh(next)
		tree[next] = w + weigh(next)
	}

	// Every inner node knows its parent, which stands behind it: going back
	// turns parents into depths. A node at some depth takes a leaf's place
	// there and offers two below.
	tree[n-2] = 0
	lengths[1] = 2
	for i := n - 3; i >= 0; i-- {
		depth := tree[tree[i]] + 1
		tree[i] = depth
		// An optimal code that is too long is cut at the limit: the leaf is
		// taken from the deepest place that can still be split.
		at := min(int(depth), limit-1)
		for lengths[at] == 0 {
			at--
		}
		lengths[at]--
		lengths[at+1] += 2
	}
	return lengths
}

// assign gives out codes of the given lengths, the longest to the first of
// keys, in the order of RFC 1951, section 3.2.2.
func assign(codes []code, keys []uint32, lengths *[maxCodeBits + 1]uint16) {
	i := 0
	for length := maxCodeBits; length > 0; length-- {
		for range lengths[length] {
			codes[keys[i]&symbolMask] = code(length)
			i++
		}
	}
	canonical(codes, lengths)
}

// canonical fills in the bits of codes that have only their lengths, of which
// there are as many as lengths says.
func canonical(codes []code, lengths *[maxCodeBits + 1]uint16) {
	var next [maxCodeBits + 1]uint16
	for length := 1; length < maxCodeBits; length++ {
		next[length+1] = (next[length] + lengths[length]) << 1
	}
	for s, c := range codes {
		if length := c & maxCodeBits; length != 0 {
			codes[s] = code(bits.Reverse16(next[length])>>(16-length))<<8 | length
			next[length]++
		}
	}
}
