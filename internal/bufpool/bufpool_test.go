package bufpool

import "testing"

func TestABufferHoldsWhatWasAskedFor(t *testing.T) {
	for _, tc := range []struct{ size, want int }{
		{0, Smallest},
		{1, Smallest},
		{Smallest, Smallest},
		{Smallest + 1, room(1)},
		{64<<10 + 14, Smallest},
		{256<<10 + 14, room(1)},
		{Largest, Largest},
		{Largest + 1, Largest + 1},
		{64 << 20, 64 << 20},
	} {
		b := Borrow(tc.size)
		if len(b.B) != 0 || cap(b.B) != tc.want {
			t.Errorf("Borrow(%d): %d of %d bytes, want 0 of %d", tc.size, len(b.B), cap(b.B), tc.want)
		}
		b.GiveBack()
	}
}

func TestBuffersGrowGeometricallyAtEverySize(t *testing.T) {
	b := Borrow(0)
	for steps := 0; cap(b.B) < 128<<20; steps++ {
		next := b.Larger()
		if cap(next.B) < 2*cap(b.B) {
			t.Fatalf("%d bytes after %d", cap(next.B), cap(b.B))
		}
		if steps > 10 {
			t.Fatalf("%d bytes after %d steps", cap(next.B), steps)
		}
		b.GiveBack()
		b = next
	}
}

func TestWhatHasGrownByAppendIsNotKept(t *testing.T) {
	b := Borrow(0)
	b.B = append(b.B[:cap(b.B)], 'x')
	b.GiveBack()
	if b := Borrow(0); cap(b.B) != Smallest || len(b.B) != 0 {
		t.Errorf("%d of %d bytes", len(b.B), cap(b.B))
	}
}

func TestWhatIsOwnedIsNotGivenToOthers(t *testing.T) {
	own := Own(make([]byte, 7, Smallest))
	for range 3 {
		own.GiveBack()
		if b := Borrow(0); b == own || &b.B[:1][0] == &own.B[:1][0] {
			t.Fatal("a pool has what was not its own")
		}
	}
	if len(own.B) != 0 || cap(own.B) != Smallest {
		t.Errorf("%d of %d bytes", len(own.B), cap(own.B))
	}
}
