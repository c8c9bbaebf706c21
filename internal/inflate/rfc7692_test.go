package inflate

import (
	"testing"

	"github.com/wirews/wirews/internal/wstest"
)

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
		{"BFINAL twice in a message", []string{"f3 48 cd c9 c9 07 00 f3 00 11 00 00"}, []string{"HelloHello"}},
		{"the tail was not removed", []string{"f2 48 cd c9 c9 07 00 00 00 ff ff"}, []string{"Hello"}},
		{"flushed twice, the second with BFINAL", []string{"f2 48 cd c9 c9 07 00 00 00 ff ff 01"}, []string{"Hello"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for room := 1; room < 8; room++ {
				f := New(15, true)
				for i, m := range test.messages {
					for name, pieces := range wstest.Splits(wstest.Unhex(m)) {
						if len(pieces) == 0 {
							continue // as whole, of no octets
						}
						got, _, err := decode(clone(f), pieces, room)
						if err != nil || string(got) != test.want[i] {
							t.Fatalf("message %d, %s, room %d: %q, %v", i, name, room, got, err)
						}
					}
					if _, _, err := decode(f, [][]byte{wstest.Unhex(m)}, room); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}
