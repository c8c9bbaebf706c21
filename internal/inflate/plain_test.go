package inflate

import "errors"

// plain decodes as RFC 1951 words it: one bit after the other, from memory
// that holds everything. It is what Inflater is held against.
type plain struct {
	size     int  // the greatest distance
	takeover bool // messages may refer to those before
	history  []byte
}

// plainStream is the message that plain is at.
type plainStream struct {
	src  []byte
	bits int // how many are read
	out  []byte
	size int
}

var errPlainInput = errors.New("no bit is left")

// message decodes a message without its tail. Next to what came out it returns
// how many octets of it, with its tail, had been looked at when its fault was
// certain.
func (p *plain) message(src []byte) (out []byte, octets int, err error) {
	if !p.takeover {
		p.history = nil
	}
	s := plainStream{src: append(src[:len(src):len(src)], tail[:]...), out: p.history, size: p.size}
	err = s.decode(len(src))
	out = s.out[len(p.history):]
	p.history = s.out[:len(s.out):len(s.out)]
	return out, (s.bits + 7) / 8, err
}

// decode reads blocks until the message, of n octets, has ended.
func (s *plainStream) decode(n int) (err error) {
	defer func() {
		if r := recover(); r == errPlainInput {
			err = ErrUnexpectedEnd
		} else if r != nil {
			err = r.(Error)
		}
	}()
	for s.bits != 8*n && s.bits != 8*len(s.src) {
		final := s.number(1)
		s.block()
		if final == 1 {
			s.align()
		}
	}
	return nil
}

func (s *plainStream) number(n int) (v int) {
	for i := range n {
		if s.bits == 8*len(s.src) {
			panic(errPlainInput)
		}
		v |= int(s.src[s.bits/8]>>(s.bits%8)&1) << i
		s.bits++
	}
	return v
}

func (s *plainStream) align() { s.bits = (s.bits + 7) / 8 * 8 }

// block reads a block but for its first bit.
func (s *plainStream) block() {
	switch s.number(2) {
	case 0:
		s.align()
		n := s.number(16)
		if s.number(16) != 0xffff-n {
			panic(ErrStoredLength)
		}
		for range n {
			s.out = append(s.out, byte(s.number(8)))
		}
	case 1:
		lens := make([]int, 288+32)
		for i := range lens {
			switch {
			case i < 144:
				lens[i] = 8
			case i < 256:
				lens[i] = 9
			case i < 280:
				lens[i] = 7
			case i < 288:
				lens[i] = 8
			default:
				lens[i] = 5
			}
		}
		s.symbols(plainCode(lens[:288]), plainCode(lens[288:]))
	case 2:
		s.symbols(s.dynamic())
	default:
		panic(ErrBlockType)
	}
}

// plainCode returns the symbols by their codes, which are written with a one
// in front of them.
func plainCode(lens []int) map[int]int {
	codes := make(map[int]int)
	code := 1
	for n := 1; n <= maxBits; n++ {
		code <<= 1
		for sym, l := range lens {
			if l == n {
				if code >= 2<<n {
					panic(ErrCodeLengths)
				}
				codes[code] = sym
				code++
			}
		}
	}
	if code != 2<<maxBits && (len(codes) > 1 || len(codes) == 1 && code != 3<<(maxBits-1)) {
		panic(ErrCodeLengths)
	}
	return codes
}

func (s *plainStream) symbol(codes map[int]int) int {
	for code := 1; ; {
		code = code<<1 | s.number(1)
		if sym, ok := codes[code]; ok {
			return sym
		}
		if len(codes) < 2 {
			panic(ErrUnusedCode)
		}
	}
}

func (s *plainStream) dynamic() (lit, dist map[int]int) {
	hlit := s.number(5) + 257
	if hlit > 286 {
		panic(ErrCodeCount)
	}
	hdist := s.number(5) + 1
	if hdist > 30 {
		panic(ErrCodeCount)
	}
	hclen := s.number(4) + 4
	meta := make([]int, 19)
	for _, sym := range metaOrder[:hclen] {
		meta[sym] = s.number(3)
	}
	metaCode := plainCode(meta)
	if len(metaCode) < 2 {
		panic(ErrCodeLengths)
	}
	var lens []int
	for len(lens) < hlit+hdist {
		sym := s.symbol(metaCode)
		last, n := 0, 1
		switch sym {
		case 16:
			n = 3 + s.number(2)
			if len(lens) == 0 {
				panic(ErrRepeat)
			}
			last = lens[len(lens)-1]
		case 17:
			n = 3 + s.number(3)
		case 18:
			n = 11 + s.number(7)
		default:
			last = sym
		}
		for range n {
			lens = append(lens, last)
		}
	}
	if len(lens) > hlit+hdist {
		panic(ErrRepeat)
	}
	if lens[endOfBlock] == 0 {
		panic(ErrNoEndOfBlock)
	}
	return plainCode(lens[:hlit]), plainCode(lens[hlit:])
}

// RFC 1951, 3.2.5.
var (
	plainLengths = [29]int{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	plainLenBits = [29]int{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	plainDists   = [30]int{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	plainDstBits = [30]int{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
)

func (s *plainStream) symbols(lit, dist map[int]int) {
	for {
		sym := s.symbol(lit)
		switch {
		case sym < endOfBlock:
			s.out = append(s.out, byte(sym))
			continue
		case sym == endOfBlock:
			return
		case sym > 285:
			panic(ErrUnusedCode)
		}
		length := plainLengths[sym-257] + s.number(plainLenBits[sym-257])
		sym = s.symbol(dist)
		if sym > 29 {
			panic(ErrUnusedCode)
		}
		distance := plainDists[sym] + s.number(plainDstBits[sym])
		if distance > s.size || distance > len(s.out) {
			panic(ErrDistance)
		}
		for range length {
			s.out = append(s.out, s.out[len(s.out)-distance])
		}
	}
}
