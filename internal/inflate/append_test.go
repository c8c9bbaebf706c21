package inflate

import (
	"strings"
	"testing"
)

func TestDecodeAppendStopsAtTheLimit(t *testing.T) {
	text := strings.Repeat("abc", 3000)
	z := deflate(t, 6, nil, []byte(text))
	for _, room := range []int{0, 5, 600, 8999, 9003, 9004, 20000} {
		for _, limit := range []int{0, 1, 8999, 9000, 9001, 1 << 30} {
			f := New(15, true)
			dst := append(make([]byte, 0, room+3), "abc"...)
			got, whole, err := f.DecodeAppend(dst, z, limit)
			if err != nil || whole != (limit >= len(text)) || string(got) != "abc"+text[:min(limit, len(text))] {
				t.Fatalf("room %d, limit %d: %d bytes, whole %v, %v", room, limit, len(got), whole, err)
			}
			if !whole {
				continue
			}
			if got, whole, err = f.DecodeAppend(got[:0], deflate(t, 6, []byte(text), []byte(text)), limit); string(got) != text || !whole || err != nil {
				t.Fatalf("second message: %d bytes, whole %v, %v", len(got), whole, err)
			}
		}
	}
}
