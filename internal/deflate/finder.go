package deflate

import "math/bits"

// finder finds matches by what their first minMatch bytes hash to.
//
// Its tables hold positions modulo 65,536, counted from the beginning of the
// connection, or of the message without context takeover; nothing is ever
// taken out of them. An entry that is out of date does no harm: it is a
// candidate only if the distance that it stands for is within the window and
// the history, and a match only if the bytes are really equal. An entry that
// was never written stands for position 0: the first byte is no candidate, so
// that it costs nothing to know one from the other.
type finder struct {
	head  []uint16 // by hash: the last position
	prev  []uint16 // by position modulo the window: the one before it with the same hash
	shift uint8    // of a hash, to the number of bits that head has
}

// block is bytes to be compressed, b[start:], behind the history that they may
// refer to. b has padding bytes behind its end.
type block struct {
	b      []byte
	start  int
	base   uint16 // the position of b[0]
	window int
}

// search is how hard a level looks for matches.
type search struct {
	depth int // candidates that are tried at a position; 0 for the fast finder
	good  int // a match of this length makes the search for a better one shorter
	lazy  int // a match shorter than this gives way to a longer one a byte later
	nice  int // a match of this length ends the search
	bits  int // of the hash, at most
}

var searches = [...]search{
	1: {bits: 13},
	2: {depth: 4, nice: 16, bits: 14},
	3: {depth: 8, nice: 32, bits: 14},
	4: {depth: 6, good: 8, lazy: 8, nice: 32, bits: 14},
	5: {depth: 12, good: 8, lazy: 16, nice: 64, bits: 15},
	6: {depth: 24, good: 16, lazy: 32, nice: 128, bits: 15},
	7: {depth: 64, good: 16, lazy: 64, nice: maxMatch, bits: 15},
	8: {depth: 256, good: 32, lazy: 128, nice: maxMatch, bits: 15},
	9: {depth: 2048, good: 64, lazy: maxMatch, nice: maxMatch, bits: 15},
}

// hashShift leaves of a product the bits of a hash: more than any table needs,
// and the lowest of them are used.
const hashShift = 64 - 16

// The products of bytes whose high bits are a hash of four and five of them.
func hash4(v uint64) uint64 { return v << 32 * 0x9e3779b97f4a7c15 }
func hash5(v uint64) uint64 { return v << 24 * 0x9e3779b97f4a7c15 }

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
	f.shift = uint8(64 - bits.Len(uint(len(head)-1)))
	f.insert(k, max(k.start-k.window, 1), k.start)
}

// insert enters the positions of b[from:to].
func (f *finder) insert(k *block, from, to int) {
	for i := from; i < min(to, len(k.b)-minMatch+1); i++ {
		f.next(k, i)
	}
}

// next enters the position of b[i] and returns the one before it that has the
// same hash.
func (f *finder) next(k *block, i int) (candidate uint16) {
	at := k.base + uint16(i)
	h := &f.head[int(hash5(load64(k.b[:len(k.b)+padding], i))>>hashShift)&(len(f.head)-1)]
	candidate, *h = *h, at
	if len(f.prev) > 0 {
		f.prev[int(at)&(len(f.prev)-1)] = candidate
	}
	return candidate
}
