package wstest

import "errors"

// Runs is an extension for tests. A message that has RSV1 set consists of
// pairs, a count and a byte to repeat. It makes much of little, so that one
// call's room is not enough.
//
// The type of a test embeds it and adds BeginEncode, which calls Begin: its
// first argument has a type of package ws, which this package does not import.
type Runs struct {
	count byte // of the pair that has begun; 0: none
	left  byte // repetitions of value that dst had no room for
	value byte

	last  byte // the run that Encode has begun
	times byte
	out   []byte // pairs that dst had no room for
}

// ErrRuns is the error of Decode for a message of half a pair.
var ErrRuns = errors.New("runs: cut off in the middle of a pair")

// Bits returns RSV1.
func (x *Runs) Bits() byte { return 4 }

// BeginDecode reports whether a message with these RSV bits is encoded.
func (x *Runs) BeginDecode(rsv byte) (bool, error) {
	x.count, x.left = 0, 0
	return rsv != 0, nil
}

// Decode repeats what the pairs in src say.
func (x *Runs) Decode(dst, src []byte, fin bool) (out []byte, n int, err error) {
	for {
		for ; x.left > 0; x.left-- {
			if len(dst) == cap(dst) {
				return dst, n, nil
			}
			dst = append(dst, x.value)
		}
		if n == len(src) {
			break
		}
		if x.count == 0 {
			x.count = src[n]
			n++
			continue
		}
		x.left, x.value, x.count = x.count, src[n], 0
		n++
	}
	if fin && x.count != 0 {
		return dst, n, ErrRuns
	}
	return dst, n, nil
}

// Begin is BeginEncode: a message shorter than 4 bytes is not encoded.
func (x *Runs) Begin(size int64) byte {
	x.times, x.out = 0, nil
	if size >= 0 && size < 4 {
		return 0
	}
	return 4
}

// Encode makes pairs of src.
func (x *Runs) Encode(dst, src []byte, fin bool) (out []byte, n int, err error) {
	for {
		for ; len(x.out) > 0; x.out = x.out[1:] {
			if len(dst) == cap(dst) {
				return dst, n, nil
			}
			dst = append(dst, x.out[0])
		}
		switch {
		case n == len(src) && fin && x.times > 0:
			x.out, x.times = []byte{x.times, x.last}, 0
		case n == len(src):
			return dst, n, nil
		case x.times == 0:
			x.times, x.last = 1, src[n]
			n++
		case x.times < 255 && src[n] == x.last:
			x.times++
			n++
		default:
			x.out, x.times = []byte{x.times, x.last}, 0
		}
	}
}
