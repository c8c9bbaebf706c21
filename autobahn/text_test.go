package autobahn

import (
	"testing"
	"unicode/utf8"
)

// fastest returns how many bytes of s can be the begin of a valid text.
func fastest(s string) int {
	for i := range len(s) {
		if begin := s[:i+1]; !utf8.ValidString(begin) && !canGoOn(begin) {
			return i
		}
	}
	return len(s)
}

// canGoOn tries every end of a code point.
func canGoOn(s string) bool {
	for _, end := range []string{"\x80", "\x90", "\xa0", "\x80\x80", "\x90\x80", "\xa0\x80", "\x80\x80\x80", "\x90\x80\x80"} {
		if utf8.ValidString(s + end) {
			return true
		}
	}
	return false
}

func TestTextIsFoundWrongAtTheFirstByte(t *testing.T) {
	for _, c := range Cases() {
		for _, s := range c.steps {
			m, ok := s.(wholeMessage)
			if !ok || m.opcode != opText || m.payload.length > 64 {
				continue
			}
			text := string(m.payload.bytes())
			good := fastest(text)
			for split := range len(text) + 1 {
				var check textCheck
				if got, want := check.add([]byte(text[:split])), split <= good; got != want {
					t.Errorf("%s: %x: valid %t, want %t", c.ID, text[:split], got, want)
				}
				if got, want := check.add([]byte(text[split:])), good == len(text); got != want {
					t.Errorf("%s: %x and %x: valid %t, want %t", c.ID, text[:split], text[split:], got, want)
				}
				if got, want := check.complete(), utf8.ValidString(text); got != want {
					t.Errorf("%s: %x and %x: complete %t, want %t", c.ID, text[:split], text[split:], got, want)
				}
			}
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte(greeting), []byte("\xf4\x90"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		var check textCheck
		check.add(a)
		check.add(b)
		if got, want := check.complete(), utf8.Valid(append(a[:len(a):len(a)], b...)); got != want {
			t.Fatalf("%x and %x: valid %t, want %t", a, b, got, want)
		}
	})
}
