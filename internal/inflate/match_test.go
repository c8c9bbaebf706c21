package inflate

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// plainRepeat is what double and repeat are held against: one byte after the
// other.
func plainRepeat(out []byte, pos, end, distance int) {
	for ; pos < end; pos++ {
		out[pos] = out[pos-distance]
	}
}

// TestRepeats fills with every distance up to where codesFast copies otherwise,
// and over it, and with every length. What is in front stays, and so does what
// is further behind than a fast copy may write.
func TestRepeats(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for distance := 1; distance <= near+20; distance++ {
		for length := 1; length <= 258; length++ {
			in := make([]byte, distance+5+length+fastRoom+16)
			for i := range in {
				in[i] = byte(r.Uint32())
			}
			pos := distance + 5
			end := pos + length
			want := bytes.Clone(in)
			plainRepeat(want, pos, end, distance)

			got := bytes.Clone(in)
			double(got[:end], pos, distance)
			if !bytes.Equal(got, want) {
				t.Fatalf("double, distance %d, length %d: %x, want %x", distance, length, got, want)
			}
			got = bytes.Clone(in)
			repeat(got, pos, end, distance)
			if !bytes.Equal(got[:end], want[:end]) || !bytes.Equal(got[end+15:], want[end+15:]) {
				t.Fatalf("repeat, distance %d, length %d: %x, want %x and 15 bytes of anything", distance, length, got, want)
			}
			got = append(bytes.Clone(in[:end]), make([]byte, 15)...) // no byte more than that
			repeat(got, pos, end, distance)
			if !bytes.Equal(got[:end], want[:end]) {
				t.Fatalf("repeat at the end of out, distance %d, length %d: %x, want %x", distance, length, got[:end], want[:end])
			}
		}
	}
}

// copies is a message of the literals and then, for each two of the octets in
// what, a match: its distance from the first, its length from the second.
// reach is how far a distance may go in front of the message.
func copies(literals string, what []byte, reach, window int) []byte {
	s := new(stream)
	s.fixedBlock()
	s.literals(literals)
	have := reach + len(literals)
	for ; len(what) >= 2 && have > 0; what = what[2:] {
		distance := min(1+int(what[0]), have, window)
		length := 3 + int(what[1])
		s.repeat(length, distance)
		have += length
		if what[1]&3 == 0 {
			s.literals("x")
			have++
		}
	}
	s.endBlock()
	return s.message()
}

// TestMatchesThatOverlapThemselves decodes strings of every distance up to 70,
// short and long, whole, in rooms that end inside of them and octet by octet,
// from the output, from the window and from both.
func TestMatchesThatOverlapThemselves(t *testing.T) {
	before := text(700) // more than the least window
	step := 1
	if testing.Short() {
		step = 4
	}
	for distance := 0; distance < 70; distance += step {
		for _, length := range []int{0, 1, 4, 5, 6, 13, 14, 30, 60, 61, 62, 125, 254, 255} {
			what := bytes.Repeat([]byte{byte(distance), byte(length)}, 3)
			for _, literals := range []string{"", "n", "some that are new"} {
				name := fmt.Sprintf("distance %d, length %d, behind %q", 1+distance, 3+length, literals)
				for _, windowBits := range []int{9, 15} {
					m := copies(literals, what, len(before), 512)
					likeMatches(t, name, windowBits, before, m)
				}
			}
		}
	}
}

// likeMatches decodes a message behind another one, in the ways that likeTwin
// has, and in rooms of all sizes up to what a match takes.
func likeMatches(t *testing.T, name string, windowBits int, before, message []byte) {
	t.Helper()
	p := plain{size: 1 << windowBits, takeover: true, history: before}
	want, _, wantErr := p.message(message)
	if wantErr != nil {
		t.Fatalf("%s: the message is not what it should be: %v", name, wantErr)
	}
	for _, room := range []int{1, 2, 7, 16, 31, fastRoom + 1, 100, 261, len(want) + fastRoom + 300} {
		f := New(windowBits, true)
		for piece := range chunks(before, 300) {
			sendStored(t, f, piece, 400)
		}
		got, _, err := decode(f, [][]byte{message}, room)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%s, %d bits, room %d: %x, %v; want %x", name, windowBits, room, got, err, want)
		}
	}
	likeTwin(t, windowBits, true, before, message)
}

func FuzzMatchesThatOverlapThemselves(f *testing.F) {
	all := text(1 << 16)
	f.Add("a", []byte{0, 255, 1, 255, 2, 255, 14, 255}, uint8(15), uint16(0))
	f.Add("", []byte{16, 255, 30, 255, 62, 255, 63, 255, 64, 255}, uint8(9), uint16(700))
	f.Add("abc", []byte{2, 60, 6, 1, 7, 8, 8, 8, 200, 200}, uint8(15), uint16(40_000))
	f.Fuzz(func(t *testing.T, literals string, what []byte, windowBits uint8, n uint16) {
		bits := 9 + int(windowBits)%7
		literals = printable(literals[:min(len(literals), 300)])
		before := all[:n]
		m := copies(literals, what[:min(len(what), 200)], min(len(before), 1<<bits), 1<<bits)
		likeMatches(t, fmt.Sprintf("%q %x", literals, what), bits, before, m)
	})
}

// printable makes bytes that stream.literals takes of all.
func printable(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] &= 0x7f
	}
	return string(b)
}
