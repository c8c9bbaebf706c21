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
			want, wantErr := tt.in, error(nil)
			if tt.bad >= 0 {
				want, wantErr = tt.in[:tt.bad], wsutil.ErrInvalidUTF8
			}
			if string(p) != want || err != wantErr || u.Valid() != tt.whole {
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

func TestUTF8ReaderValidAndAcceptedAfterEachRead(t *testing.T) {
	u := wsutil.NewUTF8Reader(iotest.OneByteReader(strings.NewReader("a\u20ac\xff")))
	if !u.Valid() || u.Accepted() != 0 {
		t.Error("before the first Read: not valid")
	}
	for i, want := range []bool{true, false, false, true} {
		if _, err := u.Read(make([]byte, 8)); err != nil || u.Valid() != want || u.Accepted() != 1 {
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
		// What was let through can be the beginning of a text, and one byte
		// more cannot.
		if !mayBegin(p) || (err != nil && mayBegin(b[:len(p)+1])) {
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
