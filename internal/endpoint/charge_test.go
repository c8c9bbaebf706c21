package endpoint_test

import (
	"testing"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/wsproto"
)

func TestCharges(t *testing.T) {
	b := wsproto.NewBudget(1000)
	var one, other endpoint.Charge
	for i, step := range []struct {
		c     *endpoint.Charge
		bytes int64
		fits  bool
		used  int64
	}{
		{&one, 600, true, 600},
		{&other, 500, false, 600}, // and what was counted before stays
		{&other, 400, true, 1000},
		{&one, 601, false, 1000},
		{&one, 100, true, 500},
		{&other, 900, true, 1000},
		{&other, 0, true, 100},
		{&one, 0, true, 0},
		{&one, 0, true, 0},
	} {
		if fits := step.c.Set(b, step.bytes); fits != step.fits || b.Used() != step.used {
			t.Errorf("step %d: %v and %d used, want %v and %d", i, fits, b.Used(), step.fits, step.used)
		}
	}
}

func TestTheFirst64KiBOfAMessageAreFree(t *testing.T) {
	for held, want := range map[int]int64{0: 0, 65536: 0, 65537: 65537, 1 << 20: 1 << 20} {
		if got := endpoint.Counted(held); got != want {
			t.Errorf("%d held: %d counted, want %d", held, got, want)
		}
	}
}
