package deflate_test

import (
	"errors"
	"fmt"
)

// inflater is a plain DEFLATE decoder that is stricter than any peer: it
// refuses a distance beyond the window, a final block, codes that are not
// complete and bits that must be zero and are not.
type inflater struct {
	in     []byte
	bit    int // where it stands in in
	out    []byte
	window int
	blocks [3]int // how many of each type it has seen
}

var errShort = errors.New("the input ends early")

// message decodes one message, whose empty stored block lacks LEN and NLEN,
// behind what it has decoded before.
func (f *inflater) message(p []byte) (out []byte, err error) {
	defer func() {
		if e, ok := recover().(error); ok {
			err = fmt.Errorf("bit %d of %x: %w", f.bit, p, e)
		}
	}()
	f.in, f.bit = append(append([]byte{}, p...), 0, 0, 0xff, 0xff), 0
	start := len(f.out)
	for f.bit < 8*len(f.in) {
		f.block()
	}
	return f.out[start:], nil
}

func (f *inflater) bits(n int) (v int) {
	if f.bit+n > 8*len(f.in) {
		panic(errShort)
	}
	for i := range n {
		v |= int(f.in[f.bit>>3]>>(f.bit&7)&1) << i
		f.bit++
	}
	return v
}

func (f *inflater) block() {
	if f.bits(1) == 1 {
		panic(errors.New("BFINAL is set"))
	}
	switch kind := f.bits(2); kind {
	case 0:
		if f.bits(-f.bit&7) != 0 {
			panic(errors.New("padding is not zero"))
		}
		n, complement := f.bits(16), f.bits(16)
		if n != complement^0xffff {
			panic(errors.New("NLEN is wrong"))
		}
		if n == 0 && f.bit < 8*len(f.in) {
			panic(errors.New("empty block inside a message"))
		}
		for range n {
			f.out = append(f.out, byte(f.bits(8)))
		}
		if n > 0 {
			f.blocks[0]++
		}
	case 1:
		f.blocks[1]++
		literals, distances := make([]int, 288), make([]int, 32)
		for s := range literals {
			literals[s] = 8
			if s >= 144 && s < 256 {
				literals[s] = 9
			} else if s >= 256 && s < 280 {
				literals[s] = 7
			}
		}
		for s := range distances {
			distances[s] = 5
		}
		f.symbols(newTree(literals), newTree(distances))
	case 2:
		f.blocks[2]++
		f.symbols(f.trees())
	default:
		panic(errors.New("reserved block type"))
	}
}

// tree is a code: the symbols sorted by the length of their codes, and how
// many there are of each length.
type tree struct {
	count   [16]int
	symbols []int
}

func newTree(lengths []int) (t tree) {
	left := 1 << 15
	for n := 1; n <= 15; n++ {
		for s, length := range lengths {
			if length == n {
				t.symbols = append(t.symbols, s)
				t.count[n]++
				left -= 1 << (15 - n)
			}
		}
	}
	if left != 0 {
		panic(fmt.Errorf("the code is not complete: %v", lengths))
	}
	return t
}

// symbol reads a code. Those of one length follow each other, and the first of
// them follows the last shorter one with a 0 behind it.
func (f *inflater) symbol(t tree) int {
	code, first, before := 0, 0, 0
	for n := 1; ; n++ {
		code = code<<1 | f.bits(1)
		first <<= 1
		if code-first < t.count[n] {
			return t.symbols[before+code-first]
		}
		first += t.count[n]
		before += t.count[n]
	}
}

func (f *inflater) trees() (literals, distances tree) {
	nl, nd, nc := f.bits(5)+257, f.bits(5)+1, f.bits(4)+4
	if nl > 286 || nd > 30 {
		panic(fmt.Errorf("%d literal and %d distance codes", nl, nd))
	}
	order := []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	lengths := make([]int, 19)
	for _, s := range order[:nc] {
		lengths[s] = f.bits(3)
	}
	t := newTree(lengths)
	var all []int
	for len(all) < nl+nd {
		switch s := f.symbol(t); s {
		case 16:
			all = append(all, repeat(all[len(all)-1], 3+f.bits(2))...)
		case 17:
			all = append(all, repeat(0, 3+f.bits(3))...)
		case 18:
			all = append(all, repeat(0, 11+f.bits(7))...)
		default:
			all = append(all, s)
		}
	}
	if len(all) > nl+nd {
		panic(errors.New("too many code lengths"))
	}
	return newTree(all[:nl]), newTree(all[nl:])
}

func repeat(v, n int) (all []int) {
	for range n {
		all = append(all, v)
	}
	return all
}

func (f *inflater) symbols(literals, distances tree) {
	for {
		s := f.symbol(literals)
		switch {
		case s < 256:
			f.out = append(f.out, byte(s))
		case s == 256:
			return
		case s > 285:
			panic(errors.New("reserved length symbol"))
		default:
			length := 258
			if s < 285 {
				length = f.value(s-257, 4, 3)
			}
			s := f.symbol(distances)
			if s > 29 {
				panic(errors.New("reserved distance symbol"))
			}
			d := f.value(s, 2, 1)
			if d > f.window || d > len(f.out) {
				panic(fmt.Errorf("distance %d, window %d, %d bytes before", d, f.window, len(f.out)))
			}
			for range length {
				f.out = append(f.out, f.out[len(f.out)-d])
			}
		}
	}
}

// value returns what symbol s of an alphabet stands for, that begins at least
// and has group symbols for each number of extra bits.
func (f *inflater) value(s, group, least int) int {
	if s < 2*group {
		return least + s
	}
	extra := s/group - 1
	return least + (group+s%group)<<extra + f.bits(extra)
}
