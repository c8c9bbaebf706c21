package deflate

import "encoding/binary"

// spill is by how much a store of whole words may exceed what is written.
const spill = 8

// bitWriter appends bits to out, the first one lowest (RFC 1951, 3.1.1). The
// writer reserves first; bits that do not fill an octet wait in bits.
type bitWriter struct {
	out  []byte
	bits uint64
	n    uint // of them, less than 8 between calls
}

// reserve makes room for n more octets.
func (w *bitWriter) reserve(n int) {
	if n += spill; cap(w.out)-len(w.out) < n {
		w.out = append(make([]byte, 0, max(2*cap(w.out), len(w.out)+n)), w.out...)
	}
}

// put writes the n lowest bits of v, which has no others set. n is at most 56.
func (w *bitWriter) put(v uint64, n uint) {
	w.bits |= v << (w.n & 63)
	w.n += n
	at := len(w.out)
	at, w.bits, w.n = store(w.out[:at+spill], at, w.bits, w.n)
	w.out = w.out[:at]
}

// align fills the last octet with zeros.
func (w *bitWriter) align() {
	w.put(0, -w.n&7)
}

// add and store are put in two steps, on variables that stay in registers: up
// to 63 bits may be added before they are stored.
func add(bits uint64, n uint, c code) (uint64, uint) {
	return bits | c.bits()<<(n&63), n + c.len()
}

func store(out []byte, at int, bits uint64, n uint) (int, uint64, uint) {
	binary.LittleEndian.PutUint64(out[at:at+spill], bits)
	return at + int(n>>3), bits >> (n &^ 7 & 63), n & 7
}
