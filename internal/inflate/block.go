package inflate

// header reads what a block begins with (RFC 1951, 3.2.3).
func (f *Inflater) header(c *cursor) (stop, error) {
	if f.final {
		// The stream has ended, and another one begins with the next byte.
		f.held.skip(f.held.n & 7)
		f.final = false
	}
	if !f.held.need(c, 3) {
		return needsInput, nil
	}
	switch f.held.peek(3) >> 1 {
	case 0:
		// What is left of the byte is skipped; the length follows.
		skip := 3 + (f.held.n-3)&7
		if !f.held.need(c, skip+32) {
			return needsInput, nil
		}
		f.final = f.held.peek(1) == 1
		f.held.skip(skip)
		length, complement := f.held.take(16), f.held.take(16)
		if length != ^complement&0xffff {
			return failed, ErrStoredLength
		}
		f.stored, f.state = int(length), inStored
	case 1:
		f.final = f.held.take(3)&1 == 1
		f.dropTables()
		f.tables, f.state = fixed(), inCodes
	case 2:
		f.final = f.held.take(3)&1 == 1
		if f.tables == nil || f.tables == fixed() {
			f.tables = tablePool.Get().(*tables)
		}
		f.tables.desc = description{}
		f.state = inDescription
	default:
		return failed, ErrBlockType
	}
	return goesOn, nil
}

func (f *Inflater) dropTables() {
	if f.tables != nil && f.tables != fixed() {
		tablePool.Put(f.tables)
	}
	f.tables = nil
}

// copyStored copies the bytes of a stored block.
func (f *Inflater) copyStored(c *cursor) stop {
	for f.stored > 0 && f.held.n > 0 && c.pos < len(c.out) {
		c.out[c.pos] = byte(f.held.take(8))
		c.pos++
		f.stored--
	}
	if f.held.n == 0 {
		room := c.out[c.pos:min(c.pos+f.stored, len(c.out))]
		n := copy(room, c.src[c.in:])
		c.pos += n
		c.in += n
		f.stored -= n
	}
	switch {
	case f.stored == 0:
		f.state = atHeader
		return goesOn
	case c.pos == len(c.out):
		return needsRoom
	}
	return needsInput
}

// description is how far the description of a dynamic block is read
// (RFC 1951, 3.2.7).
type description struct {
	lit, dist, meta int // how many code lengths are given; 0: not known yet
	have            int // how many are read
	ready           bool
	metaLens        [19]uint8
	metaTable       [1 << metaBits]uint8 // symbol<<3 | bits of its code
	lens            [286 + 30]uint8
	used            [286 + 30]uint16 // those that are not zero
	codes           int              // how many these are
}

const metaBits = 7

// metaOrder is the order in which the lengths of the codes for code lengths
// are given.
var metaOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// describe reads the description and builds the tables.
func (f *Inflater) describe(c *cursor) (stop, error) {
	t, d := f.tables, &f.tables.desc
	if !d.ready {
		if s, err := f.codeCounts(c); s != goesOn {
			return s, err
		}
		for ; d.have < d.meta; d.have++ {
			if !f.held.need(c, 3) {
				return needsInput, nil
			}
			d.metaLens[metaOrder[d.have]] = uint8(f.held.take(3))
		}
		if !d.buildMeta() {
			return failed, ErrCodeLengths
		}
		d.have, d.ready = 0, true
	}
	if s, err := f.codeLengths(c); s != goesOn {
		return s, err
	}
	if d.lens[endOfBlock] == 0 {
		return failed, ErrNoEndOfBlock
	}
	lits, dists := d.split()
	if !build(t.lit[:], litBits, lits, d.lens[:], &litEntries) ||
		!build(t.dist[:], distBits, dists, d.lens[d.lit:], &distEntries) {
		return failed, ErrCodeLengths
	}
	f.state = inCodes
	return goesOn, nil
}

// codeCounts reads how many code lengths there are of each kind.
func (f *Inflater) codeCounts(c *cursor) (stop, error) {
	d := &f.tables.desc
	for _, field := range [...]struct {
		count       *int
		bits        uint
		least, most int
	}{
		{&d.lit, 5, 257, 286},
		{&d.dist, 5, 1, 30},
		{&d.meta, 4, 4, 19},
	} {
		if *field.count > 0 {
			continue
		}
		if !f.held.need(c, field.bits) {
			return needsInput, nil
		}
		*field.count = field.least + int(f.held.take(field.bits))
		if *field.count > field.most {
			return failed, ErrCodeCount
		}
	}
	return goesOn, nil
}

// codeLengths reads the code lengths of literals, lengths and distances,
// which are one sequence.
func (f *Inflater) codeLengths(c *cursor) (stop, error) {
	d, b := &f.tables.desc, &f.held
	for have := d.have; have < d.lit+d.dist; d.have = have {
		if b.n < metaBits+7 {
			b.fill(c)
		}
		e := d.metaTable[b.peek(metaBits)]
		n, sym := uint(e&7), e>>3
		if sym < 16 {
			if n > b.n {
				return needsInput, nil
			}
			b.skip(n)
			d.lens[have] = sym
			if sym > 0 {
				d.used[d.codes] = uint16(have)
				d.codes++
			}
			have++
			continue
		}
		r := repeats[sym-16]
		if n+r.extra > b.n {
			return needsInput, nil
		}
		b.skip(n)
		repeat := r.base + int(b.take(r.extra))
		if have+repeat > d.lit+d.dist || sym == 16 && have == 0 {
			return failed, ErrRepeat
		}
		if sym > 16 || d.lens[have-1] == 0 {
			// The lengths are zero from the start.
			have += repeat
			continue
		}
		for range repeat {
			d.lens[have] = d.lens[have-1]
			d.used[d.codes] = uint16(have)
			d.codes++
			have++
		}
	}
	return goesOn, nil
}

// repeats are the code lengths that repeat others (RFC 1951, 3.2.7): 16 the
// one before, 17 and 18 zero.
var repeats = [3]struct {
	base  int
	extra uint
}{{3, 2}, {3, 3}, {11, 7}}

// split returns the symbols that have a code: those of literals and lengths,
// and those of distances.
func (d *description) split() (lits, dists []uint16) {
	n := d.codes
	for n > 0 && int(d.used[n-1]) >= d.lit {
		n--
		d.used[n] -= uint16(d.lit)
	}
	return d.used[:n], d.used[n:d.codes]
}

// buildMeta makes the table for the codes of code lengths. These must be a
// complete code.
func (d *description) buildMeta() bool {
	var count, place [metaBits + 1]uint8
	for _, n := range d.metaLens {
		count[n]++
	}
	left := 1
	for n := 1; n <= metaBits; n++ {
		left = left<<1 - int(count[n])
		place[n] = place[n-1] + count[n-1]
	}
	if left != 0 {
		return false
	}
	var sorted [len(d.metaLens)]uint8
	for sym, n := range d.metaLens {
		sorted[place[n]] = uint8(sym)
		place[n]++
	}
	code := uint(0)
	for _, sym := range sorted[count[0]:] {
		n := uint(d.metaLens[sym])
		for i := code; i < 1<<metaBits; i += 1 << n {
			d.metaTable[i] = sym<<3 | uint8(n)
		}
		code = following(code, n)
	}
	return true
}
