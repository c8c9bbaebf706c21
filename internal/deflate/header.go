package deflate

// RFC 1951, section 3.2.7: the codes of a dynamic block are written as the
// lengths of their codes, and these with a code of their own.
const (
	lengthCodes       = 19
	maxLengthCodeBits = 7

	copyPrevious = 16 // 3 to 6 times
	zerosShort   = 17 // 3 to 10 zeros
	zerosLong    = 18 // 11 to 138
)

// lengthCodeOrder is the order in which the lengths of the code for lengths
// stand.
var lengthCodeOrder = [lengthCodes]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// lengthCodeExtraBits follow the symbols from copyPrevious on.
var lengthCodeExtraBits = [...]uint8{copyPrevious: 2, zerosShort: 3, zerosLong: 7}

// header is the head of a dynamic block. It is scratch memory.
type header struct {
	literals, distances, lengthCodes int // how many lengths stand in it
	lengths                          [literalSymbols + distanceSymbols]uint8
	runs                             []run
	frequencies                      [lengthCodes]uint32
	codes                            [lengthCodes]code
}

// run is a symbol of the code for lengths, with the value of its extra bits.
type run struct {
	symbol, extra uint8
}

// describe makes the head for c, and returns its size in bits.
func (d *header) describe(c *codes, h *huffman) (size int) {
	d.literals = used(c.literals[:literalSymbols], endOfBlock+1)
	d.distances = used(c.distances[:], 1)
	all := d.lengths[:d.literals+d.distances]
	for i, c := range c.literals[:d.literals] {
		all[i] = uint8(c)
	}
	for i, c := range c.distances[:d.distances] {
		all[d.literals+i] = uint8(c)
	}

	d.runs = d.runs[:0]
	d.frequencies = [lengthCodes]uint32{}
	for i := 0; i < len(all); {
		n := i + 1
		for n < len(all) && all[n] == all[i] {
			n++
		}
		d.repeat(all[i], n-i)
		i = n
	}

	keys := h.build(d.codes[:], d.frequencies[:], maxLengthCodeBits)
	d.lengthCodes = lengthCodes
	for d.lengthCodes > 4 && d.codes[lengthCodeOrder[d.lengthCodes-1]] == 0 {
		d.lengthCodes--
	}
	size = 5 + 5 + 4 + 3*d.lengthCodes + cost(d.codes[:], keys)
	for s := copyPrevious; s < lengthCodes; s++ {
		size += int(d.frequencies[s]) * int(lengthCodeExtraBits[s])
	}
	return size
}

// used returns the number of codes without those at the end that are not used.
func used(codes []code, least int) int {
	n := len(codes)
	for n > least && codes[n-1] == 0 {
		n--
	}
	return n
}

// repeat adds n lengths that are equal.
func (d *header) repeat(length uint8, n int) {
	if length != 0 {
		d.add(length, 0)
		n--
	}
	for n >= 3 {
		var m int
		switch {
		case length != 0:
			m = min(n, 6)
			d.add(copyPrevious, m-3)
		case n <= 10:
			m = n
			d.add(zerosShort, m-3)
		default:
			m = min(n, 138)
			d.add(zerosLong, m-11)
		}
		n -= m
	}
	for range n {
		d.add(length, 0)
	}
}

func (d *header) add(symbol uint8, extra int) {
	d.runs = append(d.runs, run{symbol, uint8(extra)})
	d.frequencies[symbol]++
}

// write writes the head; room for it has been reserved.
func (d *header) write(w *bitWriter) {
	w.put(uint64(d.literals-firstLength), 5)
	w.put(uint64(d.distances-1), 5)
	w.put(uint64(d.lengthCodes-4), 4)
	for _, s := range lengthCodeOrder[:d.lengthCodes] {
		w.put(uint64(d.codes[s].len()), 3)
	}
	for _, r := range d.runs {
		c := d.codes[r.symbol]
		v, n := c.bits(), c.len()
		if r.symbol >= copyPrevious {
			v |= uint64(r.extra) << n
			n += uint(lengthCodeExtraBits[r.symbol])
		}
		w.put(v, n)
	}
}
