package utf8check_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wirews/wirews/internal/utf8check"
)

// firstBad finds the first impossible byte by asking unicode/utf8 about every
// prefix: a prefix is possible if some continuation of it is valid.
func firstBad(p []byte) int {
	for i := 0; i < len(p); {
		r, size := utf8.DecodeRune(p[i:])
		if r != utf8.RuneError || size > 1 {
			i += size
			continue
		}
		for n := 1; i+n <= len(p); n++ {
			if utf8.FullRune(p[i : i+n]) {
				return i + n - 1
			}
		}
		return len(p)
	}
	return len(p)
}

func feed(p []byte, cuts ...int) (bad int, ok, complete bool) {
	var v utf8check.Validator
	at := 0
	for _, c := range append(cuts, len(p)) {
		n, ok := v.Next(p[at:c])
		if !ok {
			return at + n, false, false
		}
		at = c
	}
	return at, true, v.Complete()
}

func check(t *testing.T, p []byte) {
	t.Helper()
	want := firstBad(p)
	valid := utf8.Valid(p)
	for i := 0; i <= len(p); i++ {
		for j := i; j <= len(p); j++ {
			bad, ok, complete := feed(p, i, j)
			if ok != (want == len(p)) || bad != want {
				t.Fatalf("% x cut at %d, %d: first bad byte %d (ok %v), want %d", p, i, j, bad, ok, want)
			}
			if (ok && complete) != valid {
				t.Fatalf("% x cut at %d, %d: complete %v, unicode/utf8 says %v", p, i, j, complete, valid)
			}
		}
	}
}

func TestValidatorEverySplit(t *testing.T) {
	for _, s := range []string{
		"", "a", "Hello, world, this is plain ASCII", "κόσμε", "日本語のテキスト", "\U0001f600\U0010ffff",
		"\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000",
		"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x00", "\xe0\x9f\xbf", "\xe0\xa0", "\xed\xa0\x80", "\xed\x9f\xbf",
		"\xf0\x8f\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff",
		"κόσμε\xed\xa0\x80edited", "abcdefgh\xffijkl", "\xf0\x9f\x98", "\xf0\x9f\x98\x80\x80",
	} {
		check(t, []byte(s))
	}
}

func TestValidatorEveryThreeBytes(t *testing.T) {
	edges := []byte{0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff}
	for _, a := range edges {
		for _, b := range edges {
			for _, c := range edges {
				for _, d := range edges {
					check(t, []byte{a, b, c, d})
				}
			}
		}
	}
}

// TestValidatorEverySplitOfALongText spoils every byte of a text that is long
// enough for vectors, and cuts it everywhere.
func TestValidatorEverySplitOfALongText(t *testing.T) {
	text := "plain text, at first, of more than sixty-four bytes: then Grüße, κόσμε, 日本語のテキスト \U0001f600\U0010ffff, and plain text again at the end of it all"
	for bad := range len(text) {
		p := []byte(text)
		p[bad] ^= 0xa5
		want, valid := firstBad(p), utf8.Valid(p)
		for i := 0; i <= len(p); i++ {
			at, ok, complete := feed(p, i)
			if at != want || ok != (want == len(p)) || (ok && complete) != valid {
				t.Fatalf("% x cut at %d: first bad byte %d (ok %v, complete %v), want %d", p, i, at, ok, complete, want)
			}
		}
		if utf8check.Valid(p) != valid {
			t.Fatalf("% x: Valid is %v", p, !valid)
		}
	}
}

func TestValidEveryLength(t *testing.T) {
	for n := range 100 {
		for _, r := range []string{"a", "é", "日", "\U0001f600", "aé", "a日a"} {
			p := []byte(strings.Repeat(r, n))
			for cut := range p {
				if got, want := utf8check.Valid(p[:cut]), utf8.Valid(p[:cut]); got != want {
					t.Fatalf("% x: %v, unicode/utf8 says %v", p[:cut], got, want)
				}
				p[cut] ^= 0x80
				if got, want := utf8check.Valid(p), utf8.Valid(p); got != want {
					t.Fatalf("% x: %v, unicode/utf8 says %v", p, got, want)
				}
				p[cut] ^= 0x80
			}
		}
	}
}

func FuzzValidator(f *testing.F) {
	f.Add([]byte("κόσμε\xed\xa0\x80edited"), 3, 7)
	f.Add([]byte("plain text that is long enough for words"), 0, 9)
	f.Fuzz(func(t *testing.T, p []byte, i, j int) {
		if i < 0 || j < i || j > len(p) {
			return
		}
		want := firstBad(p)
		bad, ok, complete := feed(p, i, j)
		if bad != want || ok != (want == len(p)) || (ok && complete) != utf8.Valid(p) {
			t.Fatalf("% x cut at %d, %d: %d %v %v, want %d", p, i, j, bad, ok, complete, want)
		}
	})
}

func TestValidatorDoesNotAllocate(t *testing.T) {
	var v utf8check.Validator
	p := []byte("日本語のテキスト")
	if n := testing.AllocsPerRun(100, func() { v.Next(p) }); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}
