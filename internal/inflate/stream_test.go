package inflate

// stream writes a message of blocks with the fixed codes and of stored ones,
// with lengths and distances of one's choice.
type stream struct {
	out  []byte
	bits int
}

// number appends n bits of v, the lowest first.
func (s *stream) number(v, n int) {
	for i := range n {
		if s.bits%8 == 0 {
			s.out = append(s.out, 0)
		}
		s.out[len(s.out)-1] |= byte(v>>i&1) << (s.bits % 8)
		s.bits++
	}
}

// code appends a code of n bits, the highest first.
func (s *stream) code(v, n int) {
	for i := n - 1; i >= 0; i-- {
		s.number(v>>i&1, 1)
	}
}

func (s *stream) fixedBlock() { s.number(0b010, 3) }
func (s *stream) endBlock()   { s.code(0, 7) }

// literals appends bytes below 144.
func (s *stream) literals(p string) {
	for _, c := range []byte(p) {
		s.code(0x30+int(c), 8)
	}
}

// copyOf appends a string of 3 bytes, from distance bytes before.
func (s *stream) copyOf(distance int) { s.repeat(3, distance) }

// repeat appends a string of length bytes, from distance bytes before.
func (s *stream) repeat(length, distance int) {
	sym := len(plainLengths) - 1
	for plainLengths[sym] > length {
		sym--
	}
	if sym < 280-257 {
		s.code(1+sym, 7)
	} else {
		s.code(0b11000000+sym-(280-257), 8)
	}
	s.number(length-plainLengths[sym], plainLenBits[sym])
	sym = len(plainDists) - 1
	for plainDists[sym] > distance {
		sym--
	}
	s.code(sym, 5)
	s.number(distance-plainDists[sym], plainDstBits[sym])
}

func (s *stream) stored(p []byte) {
	for ok := true; ok; ok = len(p) > 0 {
		n := min(len(p), 65535)
		s.number(0, 3)
		s.bits = (s.bits + 7) / 8 * 8
		s.out = append(s.out, byte(n), byte(n>>8), ^byte(n), ^byte(n>>8))
		s.out = append(s.out, p[:n]...)
		s.bits = 8 * len(s.out)
		p = p[n:]
	}
}

// message ends the message and returns it, without its tail.
func (s *stream) message() []byte {
	s.number(0, 3)
	m := s.out
	*s = stream{}
	return m
}
