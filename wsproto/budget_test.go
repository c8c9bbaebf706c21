package wsproto_test

import (
	"sync"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

func TestABudgetCountsUpToItsLimit(t *testing.T) {
	b := wsproto.NewBudget(100)
	for _, step := range []struct {
		name   string
		take   int64
		add    int64
		taken  bool
		used   int64
		isRoom bool
	}{
		{"one below the limit", 99, 0, true, 99, true},
		{"over it", 2, 0, false, 99, true},
		{"up to it", 1, 0, true, 100, false},
		{"nothing more", 1, 0, false, 100, false},
		{"more than it, unasked", 0, 50, false, 150, false},
		{"given back", 0, -150, true, 0, true},
	} {
		b.Add(step.add)
		if taken := b.Take(step.take); taken != step.taken || b.Used() != step.used || b.Room() != step.isRoom {
			t.Errorf("%s: taken %t, %d used, room %t; want %t, %d, %t", step.name, taken, b.Used(), b.Room(), step.taken, step.used, step.isRoom)
		}
	}
}

func TestNoBudgetHasNoLimit(t *testing.T) {
	var b *wsproto.Budget
	b.Add(1)
	if !b.Take(1<<62) || !b.Room() || b.Used() != 0 {
		t.Errorf("a nil Budget counts: %d", b.Used())
	}
}

// What is refused is not counted, however many ask at the same time.
func TestABudgetIsNotOverdrawnTogether(t *testing.T) {
	b := wsproto.NewBudget(10)
	var wg sync.WaitGroup
	var mu sync.Mutex
	taken := int64(0)
	for range 100 {
		wg.Go(func() {
			if b.Take(1) {
				mu.Lock()
				taken++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if taken > 10 || b.Used() != taken {
		t.Errorf("%d of 10 bytes were taken, %d are counted", taken, b.Used())
	}
}

func TestWhatIsOverABudgetIsToBeTriedAgainLater(t *testing.T) {
	if code := wsproto.CloseCode(wsproto.ErrOverBudget); code != ws.StatusTryAgainLater {
		t.Errorf("close code %d, want 1013", code)
	}
	if by := wsproto.FaultOf(wsproto.ErrOverBudget); by != wsproto.EndedByUs {
		t.Errorf("ended by %v, want us", by)
	}
}

func TestWhatABudgetRefusesIsNotInTheWayOfOthers(t *testing.T) {
	b := wsproto.NewBudget(100)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				b.Take(101) // never has room
			}
		}
	})
	refused := 0
	for range 1_000_000 {
		if b.Take(1) {
			b.Add(-1)
		} else {
			refused++
		}
	}
	close(stop)
	wg.Wait()
	if refused > 0 {
		t.Errorf("one byte of 100 free ones was refused %d times", refused)
	}
}
