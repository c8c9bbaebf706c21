package wsutil_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/wsutil"
)

// texts are byte strings with the place of their first byte that cannot be
// part of UTF-8, or -1.
var texts = []struct {
	name  string
	in    string
	bad   int
	whole bool // and it may end there
}{
	{"empty", "", -1, true},
	{"ASCII", "Hello, world", -1, true},
	{"two bytes", "\u00e9\u00df", -1, true},
	{"three bytes", "a\u20acb", -1, true},
	{"four bytes", "\U0001f600", -1, true},
	{"last code point", "\xf4\x8f\xbf\xbf", -1, true},
	{"cut", "ab\xe2\x82", -1, false},
	{"lone continuation byte", "ab\x80", 2, false},
	{"ASCII inside a rune", "ab\xe2(x", 3, false},
	{"overlong", "a\xc0\x80", 1, false},
	{"overlong, three bytes", "a\xe0\x80\x80", 2, false},
	{"surrogate", "a\xed\xa0\x80", 2, false},
	{"beyond U+10FFFF", "a\xf4\x90\x80\x80", 2, false},
	{"no such byte", "abc\xff", 3, false},
	{"Autobahn 6.4.1", "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80\xed\x69\x74\x65\x64", 12, false},
}

func TestUTF8ReaderFailsAtTheFirstBadByte(t *testing.T) {
	for _, tt := range texts {
		for name, source := range sources([]byte(tt.in)) {
			u := wsutil.NewUTF8Reader(source)
			p, err := readSmall(5)(u)
			least, most, wantErr := tt.in, tt.in, error(nil)
			if tt.bad >= 0 {
				// What of the last rune came in a Read before has been returned.
				most, wantErr = tt.in[:tt.bad], wsutil.ErrInvalidUTF8
				least = wholeRunes(most)
			}
			if !strings.HasPrefix(string(p), least) || !strings.HasPrefix(most, string(p)) || err != wantErr || u.Valid() != tt.whole {
				t.Errorf("%s, %s: got %q, %v, Valid %v", tt.name, name, p, err, u.Valid())
			}
			if tt.bad < 0 {
				continue
			}
			if n, err := u.Read(make([]byte, 1)); n != 0 || err != wsutil.ErrInvalidUTF8 || u.Accepted() != 0 || u.Valid() {
				t.Errorf("%s, %s: after that: %d, %v, Accepted %d, Valid %v", tt.name, name, n, err, u.Accepted(), u.Valid())
			}
		}
	}
}

// wholeRunes returns the longest beginning of s that is UTF-8.
func wholeRunes(s string) string {
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s
}

func TestUTF8ReaderAcceptsWholeRunes(t *testing.T) {
	for _, tt := range []struct {
		name        string
		reads       []string
		n, accepted []int // of each Read
		err         error // of the last
	}{
		{"a surrogate", []string{"ab\xed\xa0\x80"}, []int{2}, []int{2}, wsutil.ErrInvalidUTF8},
		{"a rune that is cut", []string{"ab\xdf"}, []int{3}, []int{2}, nil},
		{"nothing but such a rune", []string{"\xf0\x9f\x98"}, []int{3}, []int{0}, nil},
		{"one that goes on", []string{"a\xe2", "\x82", "\xacb\xc3", "\xa9"}, []int{2, 1, 3, 1}, []int{1, 0, 2, 1}, nil},
		{"one that goes on wrongly", []string{"a\xe2", "\x82x"}, []int{2, 0}, []int{1, 0}, wsutil.ErrInvalidUTF8},
		{"a bad byte after one that was cut", []string{"\xf0\x9f", "\x98\x80\xff"}, []int{2, 2}, []int{0, 2}, wsutil.ErrInvalidUTF8},
		{"a bad byte behind a whole one", []string{"a\xc3\xa9\xff"}, []int{3}, []int{3}, wsutil.ErrInvalidUTF8},
	} {
		var pieces [][]byte
		for _, s := range tt.reads {
			pieces = append(pieces, []byte(s))
		}
		u := wsutil.NewUTF8Reader(wstest.NewConn(pieces...))
		for i := range tt.reads {
			n, err := u.Read(make([]byte, 16))
			var want error
			if i == len(tt.reads)-1 {
				want = tt.err
			}
			if n != tt.n[i] || u.Accepted() != tt.accepted[i] || err != want {
				t.Errorf("%s, Read %d: %d, Accepted %d, %v; want %d, %d, %v", tt.name, i, n, u.Accepted(), err, tt.n[i], tt.accepted[i], want)
			}
		}
	}
}

func TestUTF8ReaderValidAndAcceptedAfterEachRead(t *testing.T) {
	u := wsutil.NewUTF8Reader(iotest.OneByteReader(strings.NewReader("a\u20ac\xff")))
	if !u.Valid() || u.Accepted() != 0 {
		t.Error("before the first Read: not valid")
	}
	for i, want := range []bool{true, false, false, true} {
		accepted := 0
		if want {
			accepted = 1
		}
		if _, err := u.Read(make([]byte, 8)); err != nil || u.Valid() != want || u.Accepted() != accepted {
			t.Errorf("Read %d: %v, Valid %v, Accepted %d", i, err, u.Valid(), u.Accepted())
		}
	}
	if n, err := u.Read(make([]byte, 8)); n != 0 || err != wsutil.ErrInvalidUTF8 || u.Valid() || u.Accepted() != 0 {
		t.Errorf("got %d, %v, Valid %v, Accepted %d", n, err, u.Valid(), u.Accepted())
	}
}

func TestUTF8ReaderU21ResetForgetsEverything(t *testing.T) {
	u := wsutil.NewUTF8Reader(strings.NewReader("ab\xff"))
	if n, err := u.Read(make([]byte, 8)); n != 2 || err != wsutil.ErrInvalidUTF8 || u.Accepted() != 2 {
		t.Errorf("got %d, %v, Accepted %d", n, err, u.Accepted())
	}
	u.Reset(strings.NewReader("c"))
	if u.Accepted() != 0 || !u.Valid() {
		t.Errorf("U21: after Reset: Accepted %d, Valid %v", u.Accepted(), u.Valid())
	}
	if p, err := io.ReadAll(u); string(p) != "c" || err != nil {
		t.Errorf("U21: got %q, %v", p, err)
	}
}

func TestUTF8ReaderZeroValue(t *testing.T) {
	broken := errors.New("broken")
	u := wsutil.UTF8Reader{Source: io.MultiReader(strings.NewReader("a"), iotest.ErrReader(broken))}
	if p, err := io.ReadAll(&u); string(p) != "a" || err != broken || !u.Valid() {
		t.Errorf("got %q, %v, Valid %v", p, err, u.Valid())
	}
}

func FuzzUTF8Reader(f *testing.F) {
	for _, tt := range texts {
		f.Add([]byte(tt.in), uint8(2))
	}
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		n := min(int(cut), len(b))
		u := wsutil.NewUTF8Reader(io.MultiReader(bytes.NewReader(b[:n]), bytes.NewReader(b[n:])))
		p, err := io.ReadAll(u)
		if got := err == nil && u.Valid(); got != utf8.Valid(b) {
			t.Fatalf("%q: got %v, %v", b, got, err)
		}
		// What was let through can be the beginning of a text, and one rune
		// more cannot.
		if !mayBegin(p) || (err != nil && mayBegin(b[:min(len(p)+utf8.UTFMax, len(b))])) {
			t.Fatalf("%q: failed behind %q", b, p)
		}
	})
}

// mayBegin reports whether p, followed by the right bytes, is UTF-8.
func mayBegin(p []byte) bool {
	for len(p) > 0 {
		r, n := utf8.DecodeRune(p)
		if r == utf8.RuneError && n == 1 {
			break
		}
		p = p[n:]
	}
	if len(p) == 0 {
		return true
	}
	for lo := byte(0x80); lo <= 0xbf; lo++ {
		for _, tail := range []string{"", "\x80", "\x80\x80"} {
			if utf8.ValidString(string(p) + string([]byte{lo}) + tail) {
				return true
			}
		}
	}
	return false
}

func ExampleUTF8Reader() {
	pieces := wstest.NewConn([]byte("caf\xc3"), []byte("\xa9 \xff"))
	u := wsutil.NewUTF8Reader(pieces)
	p, err := io.ReadAll(u)
	fmt.Printf("%s%v\n", p, err)
	// Output: café ws: text is not valid UTF-8
}
