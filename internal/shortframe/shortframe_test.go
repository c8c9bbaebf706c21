package shortframe_test

import (
	"testing"

	"github.com/wirews/wirews/internal/shortframe"
)

func TestFind(t *testing.T) {
	long := append([]byte{0x82, 0x7e, 0x00, 0x7e}, make([]byte, 126)...)
	maskedLong := append([]byte{0x82, 0xfe, 0x01, 0x00, 1, 2, 3, 4}, make([]byte, 256)...)
	for _, tc := range []struct {
		name string
		b    []byte
		mask bool
		want shortframe.Frame
		ok   bool
	}{
		{"text", []byte("\x81\x05Hello..."), false, shortframe.Frame{Start: 2, End: 7, Text: true}, true},
		{"masked text", []byte("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), true, shortframe.Frame{Start: 6, End: 11, Key: 0x3d21fa37, Text: true}, true},
		{"empty binary", []byte("\x82\x00"), false, shortframe.Frame{Start: 2, End: 2}, true},
		{"16-bit length", long, false, shortframe.Frame{Start: 4, End: 130}, true},
		{"masked, 16-bit length", maskedLong, true, shortframe.Frame{Start: 8, End: 264, Key: 0x04030201}, true},

		{"fragment", []byte("\x01\x00"), false, shortframe.Frame{}, false},
		{"continuation", []byte("\x80\x00"), false, shortframe.Frame{}, false},
		{"ping", []byte("\x89\x00"), false, shortframe.Frame{}, false},
		{"RSV1", []byte("\xc1\x00"), false, shortframe.Frame{}, false},
		{"mask missing", []byte("\x81\x00"), true, shortframe.Frame{}, false},
		{"mask unexpected", []byte("\x81\x80\x00\x00\x00\x00"), false, shortframe.Frame{}, false},
		{"W12: length not minimal", []byte("\x81\x7e\x00\x01x"), false, shortframe.Frame{}, false},
		{"64-bit length", append([]byte("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"), make([]byte, 65536)...), false, shortframe.Frame{}, false},
	} {
		got, ok := shortframe.Find(tc.b, tc.mask)
		if ok != tc.ok || (ok && got != tc.want) {
			t.Errorf("%s: %+v, %v", tc.name, got, ok)
		}
		if !tc.ok {
			continue
		}
		for n := range got.End {
			if _, ok := shortframe.Find(tc.b[:n], tc.mask); ok {
				t.Errorf("%s: found in %d bytes of %d", tc.name, n, got.End)
			}
		}
	}
}
