package inflate

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
)

// text returns n bytes of which no three are as others nearby.
func text(n int) []byte {
	r := rand.New(rand.NewPCG(9, 10))
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(r.Uint32())
	}
	return p
}

// sendStored gives f a message with p as it is.
func sendStored(t *testing.T, f *Inflater, p []byte, room int) {
	t.Helper()
	var s stream
	s.stored(p)
	if got, _, err := decode(f, [][]byte{s.message()}, room); err != nil || !bytes.Equal(got, p) {
		t.Fatalf("stored: %d of %d bytes, %v", len(got), len(p), err)
	}
}

// TestWindowSizes refers to as far back as each window allows, and a byte
// further: within a message and to messages before, with what is in front in
// pieces of many sizes, so that the window grows and wraps at many places.
func TestWindowSizes(t *testing.T) {
	all := text(4 * largestWindow)
	for windowBits := 8; windowBits <= 15; windowBits++ {
		size := 1 << max(windowBits, 9) // 8 bits are 512 bytes, as for zlib
		for _, before := range []int{size, size + 1, size + 300, 2*size - 1, 2 * size, 3*size + 77} {
			for _, message := range []int{1 << 20, size + 1, size, size - 1, 300} {
				for _, distance := range []int{1, 2, 3, 300, size - 1, size, size + 1} {
					if distance > largestWindow {
						continue // no code says that
					}
					name := fmt.Sprintf("%d bits, %d bytes before in messages of %d, distance %d", windowBits, before, message, distance)
					testDistance(t, name, windowBits, all[:before], message, distance)
				}
			}
		}
	}
}

func testDistance(t *testing.T, name string, windowBits int, before []byte, size, distance int) {
	t.Helper()
	for _, room := range []int{2, 100, 1 << 18} {
		if room == 2 && testing.Short() {
			continue
		}
		f := New(windowBits, true)
		for p := range chunks(before, size) {
			sendStored(t, f, p, max(room, 100))
		}
		var s stream
		s.fixedBlock()
		s.copyOf(distance)
		s.endBlock()
		got, _, err := decode(f, [][]byte{s.message()}, room)
		if distance > f.window.size {
			if err != ErrDistance || len(got) > 0 {
				t.Fatalf("%s, room %d: %x, %v", name, room, got, err)
			}
			continue
		}
		from := before[len(before)-distance:]
		want := append(bytes.Clone(from), append(bytes.Clone(from), from...)...)[:3]
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%s, room %d: %x, %v; want %x", name, room, got, err, want)
		}
	}
}

func chunks(p []byte, n int) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for ; len(p) > 0; p = p[min(n, len(p)):] {
			if !yield(p[:min(n, len(p))]) {
				return
			}
		}
	}
}

// TestDistanceWithinMessage is TestWindowSizes for one message, with and
// without takeover, by codesFast and by codes.
func TestDistanceWithinMessage(t *testing.T) {
	for windowBits := 8; windowBits <= 15; windowBits++ {
		size := 1 << max(windowBits, 9)
		before := text(size + 400)
		for distance := size - 1; distance <= min(size+1, largestWindow); distance++ {
			var s stream
			s.stored(before)
			s.fixedBlock()
			s.copyOf(distance)
			s.literals("some more, for codesFast to have its input")
			s.endBlock()
			m := s.message()
			from := before[len(before)-distance:]
			want := string(before) + string(from[:3]) + "some more, for codesFast to have its input"
			var fault error
			if distance > size {
				want, fault = string(before), ErrDistance
			}
			for _, takeover := range []bool{false, true} {
				for _, room := range []int{1, 401, size, size + 401, 1 << 18} {
					got, _, err := decode(New(windowBits, takeover), [][]byte{m}, room)
					if string(got) != want || err != fault {
						t.Fatalf("%d bits, distance %d, takeover %v, room %d: %d bytes, %v", windowBits, distance, takeover, room, len(got), err)
					}
				}
			}
		}
	}
}

// TestCopyFromWindowAndOutput copies a string that begins in the window and
// ends in the output, for each place where the window may wrap.
func TestCopyFromWindowAndOutput(t *testing.T) {
	before := text(1200)
	for n := 512; n < 1200; n++ {
		for _, room := range []int{1, 3, 10, 100} {
			f := New(9, true)
			sendStored(t, f, before[:n-100], 64)
			sendStored(t, f, before[n-100:n], 64)
			var s stream
			s.fixedBlock()
			s.literals("xy")
			s.copyOf(4) // two of before, and x
			s.copyOf(512)
			s.endBlock()
			all := append(bytes.Clone(before[:n]), "xy"...)
			all = append(all, all[n-2:n+1]...)
			all = append(all, all[len(all)-512:][:3]...)
			if got, _, err := decode(f, [][]byte{s.message()}, room); err != nil || !bytes.Equal(got, all[n:]) {
				t.Fatalf("%d bytes before, room %d: %x, %v; want %x", n, room, got, err, all[n:])
			}
		}
	}
}

// TestNoTakeover: what a message refers to is in itself, however much there
// was before, in a window or in the room that the caller gives.
func TestNoTakeover(t *testing.T) {
	for _, room := range []int{1, 7, 1000} {
		f := New(15, false)
		sendStored(t, f, text(40_000), room)
		for distance := 1; distance <= 300; distance++ {
			f.Reset(15, false)
			sendStored(t, f, text(500), room)
			var s stream
			s.fixedBlock()
			s.literals("a")
			s.copyOf(distance + 1)
			s.endBlock()
			if got, _, err := decode(f, [][]byte{s.message()}, room); err != ErrDistance || string(got) != "a" {
				t.Fatalf("distance %d, room %d: %q, %v", distance+1, room, got, err)
			}
		}
	}
}

// TestResetForgets: after Reset nothing refers to the stream before, wherever
// that one was.
func TestResetForgets(t *testing.T) {
	message := deflate(t, 6, nil, samples(2000)[3].data)
	for _, takeover := range []bool{false, true} {
		f := New(15, takeover)
		for n := range len(message) {
			for _, room := range []int{1, 3000} {
				if _, _, err := f.Inflate(make([]byte, 0, room), message[:n], false); err != nil {
					t.Fatal(err)
				}
				f.Reset(15, takeover)
				if got, _, err := decode(f, [][]byte{wstest.Unhex("4a 04 42")}, room); err != ErrDistance || string(got) != "a" {
					t.Fatalf("takeover %v, %d octets, room %d: %q, %v", takeover, n, room, got, err)
				}
				f.Reset(15, takeover)
				if got, _, err := decode(f, [][]byte{message}, room); err != nil || len(got) != 2000 {
					t.Fatalf("takeover %v, %d octets, room %d: %d bytes, %v", takeover, n, room, len(got), err)
				}
				f.Reset(15, takeover)
			}
		}
	}
}
