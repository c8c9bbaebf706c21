package deflate

import "math/bits"

// finder finds matches by what their first five or six bytes hash to. The last
// four of a block are hashed with the zeros behind them, and so they are found
// by the end of a later message.
//
// Its tables hold positions modulo 65,536, counted from the beginning of the
// connection, or of the message without context takeover; nothing is ever
// taken out of them. An entry that is out of date does no harm: it is a
// candidate only if the distance that it stands for is within the window and
// the history, and a match only if the bytes are really equal. An entry that
// was never written stands for position 0: the first byte is no candidate, so
// that it costs nothing to know one from the other.
type finder struct {
	head   []uint16 // by hash: the last position
	prev   []uint16 // by position modulo its length: the one before it with the same hash
	factor uint64   // of the hash
}

// block is bytes to be compressed, b[start:], behind the history that they may
// refer to. b has padding zeros behind its end.
type block struct {
	b      []byte
	start  int
	base   uint16 // the position of b[0]
	window int
}

// padded returns b with its padding.
func (k *block) padded() []byte { return k.b[:len(k.b)+padding] }

// reaches reports whether what stands at i may refer to d bytes before it.
func (k *block) reaches(i, d int) bool {
	return 0 < d && d <= min(i-1, k.window)
}

// search is how hard a level looks for what makes a message shorter.
type search struct {
	bits  int  // of the hash, at most
	tiny  int  // a block of at most so many bytes is not tried as a dynamic one
	depth int  // candidates that are tried at a position; 0 for the fast finder
	good  int  // a match of this length makes the search for a better one shorter
	lazy  int  // a match shorter than this gives way to a longer one a byte later
	nice  int  // a match of this length ends the search
	skip  uint // after 1<<skip literals every other position is tried, and so on
	hasty bool // a first candidate that begins otherwise ends the search: mostly all do
}

var searches = [...]search{
	1: {bits: 13, tiny: 128},
	2: {bits: 14, tiny: 64, depth: 4, nice: 16, skip: 6, hasty: true},
	3: {bits: 14, tiny: 64, depth: 8, nice: 32, skip: 6, hasty: true},
	4: {bits: 14, tiny: 32, depth: 8, good: 4, lazy: 5, nice: 16, skip: 6, hasty: true},
	5: {bits: 15, tiny: 32, depth: 10, good: 4, lazy: 6, nice: 16, skip: 6, hasty: true},
	6: {bits: 15, tiny: 32, depth: 16, good: 4, lazy: 6, nice: 16, skip: 6, hasty: true},
	7: {bits: 15, tiny: 32, depth: 64, good: 16, lazy: 64, nice: maxMatch, skip: 9},
	8: {bits: 15, tiny: 32, depth: 256, good: 32, lazy: 128, nice: maxMatch, skip: 9},
	9: {bits: 15, tiny: 32, depth: 2048, good: 64, lazy: maxMatch, nice: maxMatch, skip: 9},
}

// huffmanOnly looks for no matches.
var huffmanOnly = search{tiny: 32}

// hashed returns of how many bytes the hash is, for tables of a class. Where
// the only candidate is the last one, and there is much to find, six bytes find
// longer matches and fewer; in short messages they find too few.
func (s *search) hashed(class int) (bytes int) {
	if s.depth == 0 && class >= s.bits {
		return 6
	}
	return 5
}

// factor returns what spreads so many bytes, the lowest of a word, over its
// highest bits, and leaves the others out.
func factor(bytes int) uint64 {
	return 0x9e3779b97f4a7c15 << (64 - 8*bytes)
}

// place returns the place in head of the bytes of v that factor leaves in.
func place(head []uint16, factor, v uint64) int {
	const top16 = 64 - 16
	return int(v*factor>>top16) & (len(head) - 1)
}

// class is the size of a finder's tables: its logarithm, between minClass and
// the bits of the window. What is found in n bytes asks for classOf(n).
func classOf(n int) int {
	return max(bits.Len(uint(n-1)), minClass)
}

const minClass = 8

// use takes tables of a class, which hold nothing, and enters what is in the
// history of k.
func (f *finder) use(head, prev []uint16, k *block) {
	f.head, f.prev = head, prev
	f.insert(k, max(k.start-k.window, 1), k.start)
}

// insert enters the positions of b[from:to].
func (f *finder) insert(k *block, from, to int) {
	b, head, prev, factor := k.padded(), f.head, f.prev, f.factor
	to = min(to, len(k.b)-minMatch+1)
	at := k.base + uint16(from)
	for i := from; i < to; i++ {
		h := &head[place(head, factor, load64(b, i))]
		if len(prev) > 0 {
			prev[int(at)&(len(prev)-1)] = *h
		}
		*h = at
		at++
	}
}
