package websocket

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
)

// watching returns the watch of a connection that is not read from.
func watching(t *testing.T) *watch {
	t.Helper()
	a, b := net.Pipe()
	t.Cleanup(func() { a.Close(); b.Close() })
	c := newConn(a, ws.StateServerSide, "", nil, &settings{})
	return c.watchOf(&c.rwatch)
}

// cutOff waits until the watch has been cut off.
func (w *watch) cutOff(t *testing.T) {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(time.Millisecond) {
		w.mu.Lock()
		cut := w.cut
		w.mu.Unlock()
		if cut {
			return
		}
		if time.Since(begun) > time.Minute {
			t.Fatal("its context has ended, and it waits on")
		}
	}
}

// alarms returns how many there are.
func alarms() (n int) {
	for i := range alarmDesks {
		d := &alarmDesks[i]
		d.mu.Lock()
		n += len(d.alarms)
		d.mu.Unlock()
	}
	return n
}

func TestWhoWaitsForOneContextSharesItsRegistration(t *testing.T) {
	before := alarms()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var all []*watch
	for range 100 {
		w := watching(t)
		// A context that adds a value ends with the one it is made from.
		if err := w.begin(context.WithValue(ctx, w, 1), 0); err != nil {
			t.Fatal(err)
		}
		all = append(all, w)
	}
	if n := alarms() - before; n != 1 {
		t.Errorf("%d registrations, want 1", n)
	}
	for _, w := range []*watch{all[0], all[50], all[99]} {
		w.end()
	}
	cancel()
	for i, w := range all {
		if i == 0 || i == 50 || i == 99 {
			if w.cut {
				t.Errorf("%d has left, and was cut off", i)
			}
			continue
		}
		w.cutOff(t)
		if !w.end() {
			t.Errorf("%d does not know that it was cut off", i)
		}
	}
	if n := alarms() - before; n != 0 {
		t.Errorf("%d registrations are left", n)
	}
}

// A registration that is kept behind an operation costs the next one nothing,
// and is given up when the connection ends.
func TestARegistrationIsKeptForTheContextOfTheOperationBefore(t *testing.T) {
	before := alarms()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w := watching(t)
	for i, want := range []int{0, 1, 1} {
		w.begin(ctx, 0)
		w.end()
		if n := alarms() - before; n != want {
			t.Errorf("after %d operations %d registrations, want %d", i+1, n, want)
		}
	}
	w.forget()
	if n := alarms() - before; n != 0 {
		t.Errorf("%d registrations are left", n)
	}
}

// An operation may begin while the connection ends.
func TestNoRegistrationIsKeptBehindTheEnd(t *testing.T) {
	before := alarms()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w := watching(t)
	for range 2 {
		w.begin(ctx, 0)
		w.end()
	}
	w.c.CloseNow()
	w.begin(ctx, 0)
	if w.end(); w.alarm != nil || alarms() != before {
		t.Error("it is still registered, and nobody will end that")
	}
}

// slowConn is a net.Conn whose deadlines take their time.
type slowConn struct {
	net.Conn
	enough chan bool
}

func (c slowConn) SetReadDeadline(time.Time) error {
	<-c.enough
	return nil
}

func TestWhoWaitsForOneContextDoesNotWaitForOthers(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	enough := make(chan bool)
	defer close(enough)
	ended, slow := watching(t), watching(t)
	slow.c.conn = slowConn{slow.c.conn, enough}
	ended.begin(ctx, 0)
	slow.begin(ctx, 0) // is the first to be called
	cancel()
	ended.cutOff(t)
}

// A registration is made anew for a context that has ended, and not taken for
// one of another context meanwhile: spare ones are used again.
func TestContextsThatComeAndEndAtOnce(t *testing.T) {
	before := alarms()
	const workers, rounds = 8, 2000
	var mu sync.Mutex
	shared, cancel := context.WithCancel(context.Background())
	next := func(r *rand.Rand) (context.Context, context.CancelFunc) {
		mu.Lock()
		defer mu.Unlock()
		switch r.IntN(3) {
		case 0:
			return context.WithCancel(shared)
		case 1:
			cancel()
			shared, cancel = context.WithCancel(context.Background())
		}
		return shared, func() {}
	}
	var wg sync.WaitGroup
	for i := range workers {
		w := watching(t)
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(i)))
			for range rounds {
				ctx, end := next(r)
				err := w.begin(ctx, 0)
				if r.IntN(2) == 0 {
					end()
				}
				if err == nil && ctx.Err() != nil {
					w.cutOff(t)
				}
				ended := ctx.Err() != nil
				if cut := w.end(); cut && !ended && ctx.Err() == nil {
					t.Error("it was cut off, and its context goes on")
				}
				end()
			}
			w.forget()
		})
	}
	wg.Wait()
	mu.Lock()
	defer mu.Unlock()
	cancel()
	if n := alarms() - before; n != 0 {
		t.Errorf("%d registrations are left", n)
	}
}

// meddler is a context that waits for others while it is registered.
type meddler struct {
	context.Context
	meddle func()
}

func (m meddler) AfterFunc(f func()) func() bool {
	m.meddle()
	stop := context.AfterFunc(m.Context, f)
	return func() bool {
		m.meddle()
		return stop()
	}
}

func (m meddler) Value(any) any { return nil }

// Methods of a context may wait for who waits for contexts.
func TestContextsMayDoAnythingWhileTheyAreRegistered(t *testing.T) {
	inner, cancel := context.WithCancel(context.Background())
	defer cancel()
	ctx := meddler{inner, func() {
		w := watching(t)
		for range 4 * len(alarmDesks) { // hits all desks, most likely
			ctx, cancel := context.WithCancel(context.Background())
			w.begin(ctx, 0)
			w.end()
			cancel()
		}
		w.forget()
	}}
	done := make(chan bool)
	go func() {
		defer close(done)
		w := watching(t)
		w.begin(ctx, 0)
		w.end()
		w.forget()
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("it waits for itself")
	}
}
