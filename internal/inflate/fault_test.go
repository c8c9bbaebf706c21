package inflate

import (
	"bytes"
	"compress/flate"
	"fmt"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
)

// faults are messages with one fault each. The first octets of a message, at
// of them, are those that make the fault certain, and want is what stands in
// front of it.
var faults = []struct {
	name    string
	message string
	at      int
	want    string
	err     Error
}{
	{"BTYPE 3", "06", 1, "", ErrBlockType},
	{"BTYPE 3 behind a stored block", "00 02 00 fd ff 48 69 06", 8, "Hi", ErrBlockType},
	{"BTYPE 3 behind a fixed block", "4a 04 18", 3, "a", ErrBlockType},

	{"LEN 5, NLEN fffb", "00 05 00 fb ff", 5, "", ErrStoredLength},
	{"LEN 5, NLEN feff", "00 05 00 fa fe", 5, "", ErrStoredLength},
	{"LEN 0, NLEN 0, behind a block", "4a 04 00 00 00 00 00", 7, "a", ErrStoredLength},

	{"HLIT 287", "f4", 1, "", ErrCodeCount},
	{"HLIT 288", "fc", 1, "", ErrCodeCount},
	{"HDIST 31", "04 1e", 2, "", ErrCodeCount},
	{"HDIST 32", "04 1f", 2, "", ErrCodeCount},

	{"code length codes of 1, 1 and 1 bits", "04 00 92 00", 4, "", ErrCodeLengths},
	{"a code length code of 1 bit alone", "04 00 80 00", 4, "", ErrCodeLengths},
	{"code length codes of 2, 2 and 2 bits", "04 00 24 01", 4, "", ErrCodeLengths},
	{"no code length code", "04 00 00 00", 4, "", ErrCodeLengths},
	{"four literal codes of 1 bit", "04 c0 81 00 00 00 00 00 90 56 fe 23 00", 13, "", ErrCodeLengths},
	{"a literal code of 2 bits alone", "04 c0 81 00 00 00 00 80 20 7f eb 03", 12, "", ErrCodeLengths},
	{"three literal codes of 2 bits", "04 c0 81 00 00 00 00 80 20 d6 f7 87 38", 13, "", ErrCodeLengths},
	{"three distance codes of 1 bit", "04 c2 81 00 00 00 00 00 90 56 ff 13 00", 13, "", ErrCodeLengths},
	{"a distance code of 1 bit and one of 2", "04 c1 81 00 00 00 00 80 20 d6 fc 25 7a", 13, "", ErrCodeLengths},
	{"a distance code of 2 bits alone", "04 c0 81 00 00 00 00 80 20 d6 fc 25 1a", 13, "", ErrCodeLengths},

	{"repeat with nothing in front of it", "04 00 82 00", 4, "", ErrRepeat},
	{"repeat of a length over the end", "04 c0 85 00 00 00 00 00 20 7f eb 06", 12, "", ErrRepeat},
	{"repeat of zero over the end, short", "04 c0 a1 00 00 00 00 00 20 7f eb 01", 12, "", ErrRepeat},
	{"repeat of zero over the end, long", "04 c0 81 00 00 00 00 00 90 ff 7f", 11, "", ErrRepeat},
	{"repeat from literals into distances", "04 c3 85 00 00 00 00 00 20 7f eb 0e", 12, "", ErrCodeLengths},

	{"no code for the end of the block", "04 c0 81 08 00 00 00 00 20 d6 f7 97 18", 13, "", ErrNoEndOfBlock},

	{"length symbol 286", "4a 1c 03", 3, "a", ErrUnusedCode},
	{"length symbol 287", "4a 1c 07", 3, "a", ErrUnusedCode},
	{"distance symbol 30", "4a 04 3e", 3, "a", ErrUnusedCode},
	{"distance symbol 31", "4a 04 7e", 3, "a", ErrUnusedCode},
	{"the other half of a single literal code", "04 c0 81 00 00 00 00 00 90 ff 6b 02", 12, "", ErrUnusedCode},
	{"the other half of a single distance code", "0c c0 81 00 00 00 00 80 20 d6 fc 25 3e 07", 14, "a", ErrUnusedCode},
	{"a length where there is no distance code", "0c c0 01 09 00 00 00 80 a0 ad fe 3f 51 18", 14, "a", ErrUnusedCode},

	{"distance 1 in front of the first byte", "02 02", 2, "", ErrDistance},
	{"distance 2 behind one byte", "4a 04 42", 3, "a", ErrDistance},
	{"distance 5 behind one byte", "4a 04 12", 3, "a", ErrDistance},
	{"distance 32768 behind one byte", "4a 04 de ff 0f", 5, "a", ErrDistance},
}

// TestFaults gives each message with a fault in every split and with rooms of
// 1 to 8 bytes. The fault is found with the octet that makes it certain, what
// stands in front of it comes out, and it stays until Reset.
func TestFaults(t *testing.T) {
	for _, test := range faults {
		t.Run(test.name, func(t *testing.T) {
			message := wstest.Unhex(test.message)
			p := plain{size: 1 << 15}
			if out, at, err := p.message(message); err != test.err || at != test.at || string(out) != test.want {
				t.Fatalf("the plain decoder: %q, %v at %d", out, err, at)
			}
			for name, pieces := range wstest.Splits(append(message, "behind"...)) {
				for room := 1; room <= 8; room++ {
					for _, takeover := range []bool{false, true} {
						testFault(t, fmt.Sprintf("%s, room %d, takeover %v", name, room, takeover),
							New(15, takeover), pieces, room, test.at, test.want, test.err)
					}
				}
			}
		})
	}
}

func testFault(t *testing.T, name string, f *Inflater, pieces [][]byte, room, at int, want string, fault Error) {
	t.Helper()
	got, given, err := decode(f, pieces, room)
	if err != fault || string(got) != want {
		t.Fatalf("%s: %q, %v", name, got, err)
	}
	if first := firstPiece(pieces, at); given != first {
		t.Fatalf("%s: found with %d octets, not %d", name, given, first)
	}
	if f.tables != nil || !f.takeover && f.window.buf != nil {
		t.Fatalf("%s: memory is held although nothing can be decoded any more", name)
	}
	for _, src := range []string{"", "00", "f2 48 cd c9 c9 07 00"} {
		dst := make([]byte, 3, 20)
		if out, n, err := f.Inflate(dst, wstest.Unhex(src), true); err != fault || n != 0 || len(out) != 3 {
			t.Fatalf("%s, after the fault: %q, %d, %v", name, out, n, err)
		}
	}
	f.Reset(15, f.takeover)
	if got, _, err := decode(f, [][]byte{wstest.Unhex("f2 48 cd c9 c9 07 00")}, 20); err != nil || string(got) != "Hello" {
		t.Fatalf("%s, after Reset: %q, %v", name, got, err)
	}
}

// firstPiece returns how many octets there are with the piece that completes
// the first at.
func firstPiece(pieces [][]byte, at int) (n int) {
	for _, p := range pieces {
		if n += len(p); n >= at {
			break
		}
	}
	return n
}

// TestBorders decodes what is just not a fault.
func TestBorders(t *testing.T) {
	tests := []struct {
		name    string
		message string
		want    string
	}{
		{"HLIT 286 and HDIST 30", "ec dd 81 00 00 00 00 00 90 56 ff 13 be 08", "a"},
		{"a single literal code, of the end", "04 c0 81 00 00 00 00 00 90 ff 6b 00", ""},
		{"a single distance code", "0c c0 81 00 00 00 00 80 20 d6 fc 25 3e 0b", "aaaa"},
		{"no distance code and no length", "0c c0 01 09 00 00 00 80 a0 ad fe 3f 51 08", "a"},
		{"length 258 as symbol 285", "4a 1c 05 00 00", string(bytes.Repeat([]byte("a"), 259))},
		{"length 258 as symbol 284 with 31", "4a 1c f9 00 00", string(bytes.Repeat([]byte("a"), 259))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, pieces := range wstest.Splits(wstest.Unhex(test.message)) {
				for _, room := range []int{1, 2, 3, 100, 258, 259, 260, 1000} {
					got, _, err := decode(New(15, false), pieces, room)
					if err != nil || string(got) != test.want {
						t.Fatalf("%s, room %d: %q, %v", name, room, got, err)
					}
				}
			}
		})
	}
}

// TestUnexpectedEnd cuts messages off everywhere. What is whole in front of
// the cut comes out, and Inflater ends as the plain decoder does.
func TestUnexpectedEnd(t *testing.T) {
	for _, s := range samples(600) {
		for _, level := range []int{flate.HuffmanOnly, 0, 1, 9} {
			whole := deflate(t, level, nil, s.data)
			for n := range len(whole) {
				p := plain{size: 1 << 15}
				want, _, wantErr := p.message(whole[:n])
				if wantErr == nil && n > 1 && len(want) < len(s.data) {
					t.Fatalf("%s, level %d: %d of %d octets are taken for a message", s.name, level, n, len(whole))
				}
				for _, pieces := range [][][]byte{{whole[:n]}, octets(whole[:n])} {
					for _, room := range []int{1, 50, 1000} {
						got, _, err := decode(New(15, false), pieces, room)
						if err != wantErr || !bytes.Equal(got, want) {
							t.Fatalf("%s, level %d, %d of %d octets in %d pieces, room %d: %d bytes, %v; want %d, %v",
								s.name, level, n, len(whole), len(pieces), room, len(got), err, len(want), wantErr)
						}
					}
				}
			}
		}
	}
}
