package sequence_test

import (
	"testing"

	"github.com/wirews/wirews/internal/sequence"
)

func TestDecodingStopsAtTheLimit(t *testing.T) {
	memory := make([]byte, 8)
	for _, tc := range []struct {
		name  string
		limit int64
		made  []int // by each call of a Decoder that fills all of its room, or less
		want  int   // bytes that are good
		ok    bool
	}{
		{"less than the limit", 20, []int{8, 8}, 16, true},
		{"just as much", 16, []int{8, 8}, 16, true},
		{"one byte more", 15, []int{8, 8}, 15, false},
		{"nothing may come", 0, []int{8}, 0, false},
		{"nothing comes", 0, []int{0, 0}, 0, true},
		{"no limit", 1<<63 - 1, []int{8, 8, 8}, 24, true},
	} {
		var d sequence.Decoding
		got, ok := 0, true
		for _, n := range tc.made {
			room := d.Room(memory, tc.limit)
			if left := tc.limit - int64(got); len(room) != 0 || cap(room) < 1 || int64(cap(room)-1) > left {
				t.Errorf("%s: room of %d bytes where %d are left", tc.name, cap(room), left)
			}
			var good []byte
			good, ok = d.Made(room[:min(n, cap(room))], tc.limit)
			got += len(good)
		}
		if got != tc.want || ok != tc.ok || d.Total() != int64(got) {
			t.Errorf("%s: %d good bytes, %v; want %d, %v", tc.name, got, ok, tc.want, tc.ok)
		}
	}
}

func TestLimitThatBecomesLessThanWhatIsThere(t *testing.T) {
	var d sequence.Decoding
	memory := make([]byte, 8)
	d.Made(d.Room(memory, 100)[:8], 100)
	room := d.Room(memory, 5)
	if cap(room) != 1 {
		t.Errorf("room of %d bytes, want the one that finds out", cap(room))
	}
	if good, ok := d.Made(room[:0], 5); len(good) != 0 || !ok {
		t.Errorf("nothing more: %d bytes, %v", len(good), ok)
	}
	if good, ok := d.Made(room[:1], 5); len(good) != 0 || ok {
		t.Errorf("a byte more: %d bytes, %v", len(good), ok)
	}
}
