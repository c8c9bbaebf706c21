package deflate

import "encoding/binary"

// spill is by how much a store of whole words may exceed what is written.
const spill = 8

// bitWriter appends bits to out, the first one lowest (RFC 1951, 3.1.1). Who
// writes reserves first; bits that do not fill an octet wait in bits.
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
	binary.LittleEndian.PutUint64(w.out[at:at+spill], w.bits)
	w.out = w.out[:at+int(w.n>>3)]
	w.bits >>= w.n &^ 7 & 63
	w.n &= 7
}

// align fills the last octet with zeros.
func (w *bitWriter) align() {
	w.put(0, -w.n&7)
}
