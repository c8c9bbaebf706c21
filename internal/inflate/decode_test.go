package inflate

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
)

// decode gives f a message that comes in pieces, with room for room bytes a
// call. Next to what came out it returns how many octets of the message f had
// been given when it returned an error.
func decode(f *Inflater, pieces [][]byte, room int) (all []byte, given int, err error) {
	buf := make([]byte, 1+room)
	for i, src := range pieces {
		fin := i == len(pieces)-1
		given += len(src)
		for {
			buf[0] = 'x'
			out, n, err := f.Inflate(buf[:1], src, fin)
			switch {
			case len(out) < 1 || &out[0] != &buf[0] || out[0] != 'x':
				return all, given, errors.New("not appended to dst")
			case n < 0 || n > len(src):
				return all, given, fmt.Errorf("consumed %d of %d", n, len(src))
			}
			all = append(all, out[1:]...)
			if err != nil {
				return all, given, err
			}
			src = src[n:]
			if len(out) < len(buf) {
				if len(src) > 0 {
					return all, given, fmt.Errorf("%d octets not consumed although there was room", len(src))
				}
				break
			}
			clear(buf) // it is the caller's, who may do anything with it
		}
	}
	return all, given, nil
}

// octets cuts b into single octets, and a message of no octets into itself.
func octets(b []byte) (p [][]byte) {
	for i := range b {
		p = append(p, b[i:i+1:i+1])
	}
	if p == nil {
		p = [][]byte{{}}
	}
	return p
}

// cut cuts b into pieces of up to most octets.
func cut(r *rand.Rand, b []byte, most int) (p [][]byte) {
	for len(b) > 0 {
		n := min(1+r.IntN(most), len(b))
		p = append(p, b[:n:n])
		b = b[n:]
	}
	if r.IntN(4) == 0 || p == nil {
		p = append(p, []byte{}) // fin alone
	}
	return p
}

// clone returns a copy of f that shares nothing with it, in the state that an
// Inflater has between messages.
func clone(f *Inflater) *Inflater {
	g := *f
	g.window.buf = bytes.Clone(f.window.buf)
	return &g
}

// sample is data to compress.
type sample struct {
	name string
	data []byte
}

// samples are the kinds of data that lead to different streams: n bytes each.
func samples(n int) []sample {
	r := rand.New(rand.NewPCG(1, 2))
	random, few, far, mixed := make([]byte, n), make([]byte, n), make([]byte, n), make([]byte, n)
	for i := range random {
		random[i] = byte(r.Uint32())
		few[i] = "etaoin shrdlu"[min(r.IntN(13), r.IntN(13))]
		mixed[i] = byte(r.Uint32())
		if i%300 > 100 {
			mixed[i] = mixed[i-r.IntN(2)-100+i%7]
		}
		far[i] = byte(r.Uint32())
		if i > n/2 {
			far[i] = far[i-n/2]
		}
	}
	fibonacci := []byte{}
	for a, b, c := 1, 1, byte('A'); len(fibonacci) < n; a, b, c = b, a+b, c+1 {
		fibonacci = append(fibonacci, bytes.Repeat([]byte{c}, min(a, n))...)
	}
	r.Shuffle(n, func(i, j int) { fibonacci[i], fibonacci[j] = fibonacci[j], fibonacci[i] })
	return []sample{
		{"one letter", bytes.Repeat([]byte("a"), n)},
		{"short period", bytes.Repeat([]byte("abc"), n/3+1)[:n]},
		{"period of 17", bytes.Repeat([]byte("0123456789abcdefg"), n/17+1)[:n]},
		{"JSON", []byte(strings.Repeat(`{"id":12345,"name":"wire","tags":["x","yy","zzz"]},`, n/50+1))[:n]},
		{"random", random},
		{"few letters", few},
		{"random, then again", far},
		{"random and matches", mixed},
		{"long codes", fibonacci[:n]},
	}
}

var levels = []int{flate.HuffmanOnly, flate.NoCompression, 1, 2, 3, 4, 5, 6, 7, 8, 9}

// deflate returns p as a message behind dict, with its tail removed.
func deflate(tb testing.TB, level int, dict, p []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriterDict(&b, level, dict)
	if err != nil {
		tb.Fatal(err)
	}
	w.Write(p)
	w.Flush()
	return bytes.TrimSuffix(b.Bytes(), tail[:])
}

// mutated yields messages of all kinds, each with one bit in step flipped in
// turn, and those with a fault.
func mutated(t *testing.T, step int, yield func(message []byte)) {
	for _, fault := range faults {
		yield(wstest.Unhex(fault.message))
	}
	size := 150
	if testing.Short() {
		size, step = 60, 3*step
	}
	for _, s := range samples(size) {
		for _, level := range []int{flate.HuffmanOnly, 0, 1, 9} {
			m := deflate(t, level, nil, s.data)
			yield(m)
			for i := 0; i < 8*len(m); i += step {
				bad := bytes.Clone(m)
				bad[i/8] ^= 1 << (i % 8)
				yield(bad)
			}
		}
	}
}

// seeds yields messages for a fuzz target to begin with.
func seeds(tb testing.TB, yield func(message []byte)) {
	for _, fault := range faults {
		yield(wstest.Unhex(fault.message))
	}
	for _, s := range samples(1000) {
		for _, level := range levels {
			yield(deflate(tb, level, nil, s.data))
		}
	}
}
