package inflate

import (
	"bytes"
	"compress/flate"
	"errors"
	"strings"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
)

// inflateAll decodes a message that comes in pieces into room of room bytes a
// call.
func inflateAll(f *Inflater, pieces [][]byte, room int) ([]byte, error) {
	var all []byte
	buf := make([]byte, room)
	for i, src := range pieces {
		fin := i == len(pieces)-1
		for {
			out, n, err := f.Inflate(buf[:0], src, fin)
			all = append(all, out...)
			if err != nil {
				return all, err
			}
			src = src[n:]
			if len(src) == 0 && len(out) < room {
				break
			}
			if n == 0 && len(out) == 0 {
				return all, errors.New("no progress")
			}
		}
	}
	return all, nil
}

func deflate(t testing.TB, level int, dict, p []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriterDict(&b, level, dict)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(p)
	w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte("\x00\x00\xff\xff"))
}

// TestRFC7692Examples decodes the messages of RFC 7692, 7.2.3.
func TestRFC7692Examples(t *testing.T) {
	tests := []struct {
		name     string
		messages []string
		want     []string
	}{
		{"one block, 7.2.3.1", []string{"f2 48 cd c9 c9 07 00"}, []string{"Hello"}},
		{"sharing the window, 7.2.3.2", []string{"f2 48 cd c9 c9 07 00", "f2 00 11 00 00"}, []string{"Hello", "Hello"}},
		{"no compression, 7.2.3.3", []string{"00 05 00 fa ff 48 65 6c 6c 6f 00"}, []string{"Hello"}},
		{"BFINAL, 7.2.3.4", []string{"f3 48 cd c9 c9 07 00 00", "f2 00 11 00 00"}, []string{"Hello", "Hello"}},
		{"two blocks, 7.2.3.5", []string{"f2 48 05 00 00 00 ff ff ca c9 c9 07 00"}, []string{"Hello"}},
		{"empty, 7.2.3.6", []string{"00"}, []string{""}},
		{"no octets at all", []string{"", "f2 48 cd c9 c9 07 00", ""}, []string{"", "Hello", ""}},
		{"BFINAL and nothing behind it", []string{"f3 48 cd c9 c9 07 00", "f2 00 11 00 00"}, []string{"Hello", "Hello"}},
		{"the tail was not removed", []string{"f2 48 cd c9 c9 07 00 00 00 ff ff"}, []string{"Hello"}},
		{"flushed twice, the second with BFINAL", []string{"f2 48 cd c9 c9 07 00 00 00 ff ff 01"}, []string{"Hello"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for room := 1; room < 8; room++ {
				f := New(15, true)
				for i, m := range test.messages {
					for _, pieces := range wstest.Splits(wstest.Unhex(m)) {
						g := *f
						g.window.buf = bytes.Clone(f.window.buf)
						got, err := inflateAll(&g, pieces, room)
						if err != nil || string(got) != test.want[i] {
							t.Fatalf("message %d in %x, room %d: %q, %v", i, pieces, room, got, err)
						}
					}
					if _, err := inflateAll(f, [][]byte{wstest.Unhex(m)}, room); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}

func TestAgainstStandardLibrary(t *testing.T) {
	texts := []string{
		"", "a", strings.Repeat("a", 5000), strings.Repeat("abc", 3000),
		strings.Repeat(`{"id":12345,"name":"wire","tags":["x","yy","zzz"]},`, 3000),
	}
	random := make([]byte, 100_000)
	x := uint32(1)
	for i := range random {
		x = x*1664525 + 1013904223
		random[i] = byte(x >> 24)
		if i%3 == 0 {
			random[i] &= 7
		}
	}
	texts = append(texts, string(random))
	for _, level := range []int{-2, 0, 1, 6, 9} {
		for _, takeover := range []bool{false, true} {
			for _, room := range []int{1, 7, 300, 4096, 1 << 20} {
				f := New(15, takeover)
				var dict []byte
				for i, text := range texts {
					z := deflate(t, level, dict, []byte(text))
					if takeover {
						dict = append(dict, text...)
					}
					pieces := [][]byte{z[:len(z)/3], z[len(z)/3 : len(z)/2], z[len(z)/2:]}
					got, err := inflateAll(f, pieces, room)
					if err != nil || string(got) != text {
						t.Fatalf("level %d, takeover %v, room %d, text %d: %d of %d bytes, %v", level, takeover, room, i, len(got), len(text), err)
					}
				}
			}
		}
	}
}

func TestAppendMessageStopsAtTheLimit(t *testing.T) {
	text := strings.Repeat("abc", 3000)
	z := deflate(t, 6, nil, []byte(text))
	for _, room := range []int{0, 5, 600, 8999, 9003, 9004, 20000} {
		for _, limit := range []int{0, 1, 8999, 9000, 9001, 1 << 30} {
			f := New(15, true)
			dst := append(make([]byte, 0, room+3), "abc"...)
			got, whole, err := f.AppendMessage(dst, z, limit)
			if err != nil || whole != (limit >= len(text)) || string(got) != "abc"+text[:min(limit, len(text))] {
				t.Fatalf("room %d, limit %d: %d bytes, whole %v, %v", room, limit, len(got), whole, err)
			}
			if !whole {
				continue
			}
			if got, whole, err = f.AppendMessage(got[:0], deflate(t, 6, []byte(text), []byte(text)), limit); string(got) != text || !whole || err != nil {
				t.Fatalf("second message: %d bytes, whole %v, %v", len(got), whole, err)
			}
		}
	}
}
