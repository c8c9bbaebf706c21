package utf8check

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wirews/wirews/internal/guardpage"
)

// kernel is one implementation of goodPrefix, called by its name.
type kernel struct {
	name    string
	min     int  // the least size it takes
	missing bool // in this machine
	prefix  func([]byte) int
}

func kernels() []kernel {
	return append([]kernel{
		{name: "runes", prefix: prefixRunes},
		{name: "goodPrefix", min: 8, prefix: goodPrefix},
	}, vectorKernels()...)
}

// eachKernel runs a test by the kernel's name.
func eachKernel(t *testing.T, f func(t *testing.T, k kernel)) {
	for _, k := range kernels() {
		t.Run(k.name, func(t *testing.T) {
			if k.missing {
				t.Skip("this processor does not have it")
			}
			f(t, k)
		})
	}
}

// firstFault is where unicode/utf8 finds the first byte that nothing can mend.
func firstFault(p []byte) int {
	i := 0
	for i < len(p) {
		r, size := utf8.DecodeRune(p[i:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		i += size
	}
	for n := 1; i+n <= len(p); n++ {
		if utf8.FullRune(p[i : i+n]) {
			return i + n - 1
		}
	}
	return len(p)
}

// check holds k to what goodPrefix promises, and what follows from that.
func (k *kernel) check(t *testing.T, p []byte) {
	t.Helper()
	if len(p) < k.min {
		return
	}
	got, fault := k.prefix(p), firstFault(p)
	limit := fault
	if fault < len(p) && (p[fault] >= 0xf5 || p[fault] == 0xc0 || p[fault] == 0xc1) {
		limit++
	}
	switch {
	case got > limit:
		t.Fatalf("%s: good up to %d, the first fault is at %d: % x", k.name, got, fault, p)
	case fault == len(p) && got != fault:
		t.Fatalf("%s: good up to %d of %d bytes without a fault: % x", k.name, got, len(p), p)
	case len(p) >= 3 && (got == len(p) && !endsInside(p)) != utf8.Valid(p):
		t.Fatalf("%s: good up to %d, unicode/utf8 says valid = %t: % x", k.name, got, utf8.Valid(p), p)
	}
}

const mixed = "Grüße, κόσμε, 日本語のテキスト \U0001f600\U0010ffff plain text of more than thirty-two bytes, \u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000 and what follows"

var texts = []struct{ name, text string }{
	{"ASCII", strings.Repeat("all of this is ASCII; ", 30)},
	{"Latin", strings.Repeat("é", 400)},
	{"Chinese", strings.Repeat("日本語", 100)},
	{"emoji", strings.Repeat("\U0001f600", 150)},
	{"mixed", strings.Repeat(mixed, 4)},
	{"mostly ASCII", strings.Repeat(strings.Repeat("ASCII ", 40)+"é", 3)},
}

// TestKernelsEveryLengthAndAlignment cuts texts at every place.
func TestKernelsEveryLengthAndAlignment(t *testing.T) {
	step := 1
	if testing.Short() {
		step = 7
	}
	eachKernel(t, func(t *testing.T, k kernel) {
		for _, x := range texts {
			for align := 0; align < 32; align += step {
				p := append(bytes.Repeat([]byte{0xff}, align), x.text...)[align:]
				for n := 0; n <= 400; n++ {
					// What stands before and behind must not matter.
					behind := p[n]
					p[n] = 0xff
					k.check(t, p[:n])
					p[n] = behind
				}
			}
		}
	})
}

// TestKernelsEveryPlaceOfAFault spoils every byte of a text.
func TestKernelsEveryPlaceOfAFault(t *testing.T) {
	eachKernel(t, func(t *testing.T, k kernel) {
		for _, x := range texts {
			for _, size := range []int{35, 64, 70, 300} {
				for i := range size {
					p := []byte(x.text[:size])
					for _, b := range []byte{0x80, 0xbf, 0xc0, 0xc3, 0xe0, 0xed, 0xf0, 0xf4, 0xff, 'a'} {
						p[i] = b
						k.check(t, p)
					}
				}
			}
		}
	})
}

// TestKernelsEveryPair tries all pairs of bytes with all kinds of successors,
// across the place where blocks meet.
func TestKernelsEveryPair(t *testing.T) {
	kinds := []byte{0x7f, 0x80, 0xbf, 0xc2}
	step := 1
	if testing.Short() {
		step = 5
	}
	eachKernel(t, func(t *testing.T, k kernel) {
		p := []byte(strings.Repeat("a", 300))
		for a := 0; a < 256; a += step {
			for b := range 256 {
				for i, c := range kinds {
					for j, d := range kinds {
						at := 27 + (a+b+i+j)%6 + a%3*64
						four := [4]byte{byte(a), byte(b), c, d}
						copy(p[at:], four[:])
						valid := utf8.Valid(four[:])
						if got := k.prefix(p) == len(p); got != valid {
							t.Fatalf("% x at %d: good = %t, unicode/utf8 says %t", four, at, got, valid)
						}
						copy(p[at:], "aaaa")
					}
				}
			}
		}
	})
}

// TestKernelsStayInside puts the bytes at both ends of guarded memory.
func TestKernelsStayInside(t *testing.T) {
	m := guardpage.Memory(t, 4096)
	eachKernel(t, func(t *testing.T, k kernel) {
		for _, x := range texts {
			for n := k.min; n <= 300; n++ {
				copy(m, x.text[:n])
				k.check(t, m[:n])
				copy(m[len(m)-n:], x.text[:n])
				k.check(t, m[len(m)-n:])
			}
		}
	})
}

func FuzzKernels(f *testing.F) {
	f.Add([]byte(mixed), byte(0), "")
	f.Add([]byte("\xed\xa0\x80"), byte(30), "é")
	f.Add([]byte("\xf4\x90\x80\x80"), byte(61), "a")
	f.Fuzz(func(t *testing.T, p []byte, before byte, behind string) {
		p = append(bytes.Repeat([]byte{'a'}, int(before)), p...)
		p = append(p, strings.Repeat(behind, 40/(len(behind)+1))...)
		for _, k := range kernels() {
			if !k.missing {
				k.check(t, p)
			}
		}
		if got, want := Valid(p), utf8.Valid(p); got != want {
			t.Fatalf("Valid is %t, unicode/utf8 says %t: % x", got, want, p)
		}
		var v Validator
		if got, want := first(v.Next(p)), firstFault(p); got != want {
			t.Fatalf("the first bad byte is at %d, unicode/utf8 says %d: % x", got, want, p)
		}
	})
}

func first(n int, _ bool) int { return n }

func BenchmarkKernels(b *testing.B) {
	for _, x := range texts {
		for _, n := range []int{64, 256} {
			for _, k := range kernels() {
				if k.missing {
					continue
				}
				b.Run(fmt.Sprintf("%s/%d/%s", x.name, n, k.name), func(b *testing.B) {
					p := []byte(x.text[:n])
					b.SetBytes(int64(n))
					for b.Loop() {
						k.prefix(p)
					}
				})
			}
		}
	}
}
