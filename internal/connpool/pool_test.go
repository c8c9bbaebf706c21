package connpool_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/internal/connpool"
)

// conn is a connection with room for max streams.
type conn struct {
	mu       sync.Mutex
	used     int
	max      int
	hasEnded bool
}

var errFull = errors.New("full")

func (c *conn) Reserve() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used == c.max {
		return false
	}
	c.used++
	return true
}

func (c *conn) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used--
}

func (c *conn) Full() error { return errFull }
func (c *conn) Ended() bool { return c.hasEnded }

// maker makes connections with room for max streams, each in a second, and counts them.
type maker struct {
	max   int
	made  []*conn
	ended bool // they have ended already
	err   error
}

func (m *maker) connect(ctx context.Context) (*conn, error) {
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if m.err != nil {
		return nil, m.err
	}
	c := &conn{max: m.max, hasEnded: m.ended}
	m.made = append(m.made, c)
	return c, nil
}

const long = time.Hour

func TestCallersShareWhatIsBeingMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p connpool.Pool[string, *conn]
		m := &maker{max: 2}
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				if _, _, err := p.Get(t.Context(), "a", long, m.connect); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(m.made) != 3 || len(p.All()) != 3 {
			t.Errorf("%d connections were made for five streams, two on each", len(m.made))
		}
		m.made[0].Release()
		if c, reused, err := p.Get(t.Context(), "a", long, m.connect); c.used != 2 || !reused || err != nil {
			t.Errorf("%+v, %v, %v", c, reused, err)
		}
		if _, reused, err := p.Get(t.Context(), "b", long, m.connect); reused || err != nil {
			t.Errorf("another place: %v, %v", reused, err)
		}
	})
}

func TestWhoDoesNotWaitAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p connpool.Pool[string, *conn]
		m := &maker{max: 2}
		first, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		got := make(chan error, 1)
		go func() {
			time.Sleep(time.Millisecond)
			_, _, err := p.Get(t.Context(), "a", long, m.connect)
			got <- err
		}()
		if _, _, err := p.Get(first, "a", long, m.connect); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if err := <-got; err != nil {
			t.Errorf("another caller: %v", err)
		}
		synctest.Wait()
		if len(m.made) != 1 || m.made[0].used != 1 {
			t.Errorf("%d were made; the caller that has gone keeps its reservation", len(m.made))
		}
	})
}

func TestWhatNobodyWaitsForIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p connpool.Pool[string, *conn]
		m := &maker{max: 1}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		p.Get(ctx, "a", long, m.connect)
		time.Sleep(time.Minute)
		if len(m.made) != 0 {
			t.Error("it was made all the same")
		}
		if _, _, err := p.Get(ctx, "a", long, m.connect); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a context that has ended: %v", err)
		}
		if _, _, err := p.Get(t.Context(), "a", time.Second/2, m.connect); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the timeout: %v", err)
		}
	})
}

func TestWhatFailsIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p connpool.Pool[string, *conn]
		refused := errors.New("refused")
		if _, _, err := p.Get(t.Context(), "a", long, (&maker{err: refused}).connect); err != refused {
			t.Error(err)
		}
		if _, _, err := p.Get(t.Context(), "a", long, (&maker{max: 0}).connect); err != errFull {
			t.Error(err)
		}
		if _, _, err := p.Get(t.Context(), "a", long, (&maker{max: 1, ended: true}).connect); err != nil {
			t.Error(err)
		}
		if n := len(p.All()); n != 0 {
			t.Errorf("%d are kept", n)
		}
		c, _, err := p.Get(t.Context(), "a", long, (&maker{max: 1}).connect)
		if err != nil {
			t.Fatal(err)
		}
		p.Forget("a", c)
		p.Forget("a", c)
		if n := len(p.All()); n != 0 {
			t.Errorf("%d are kept", n)
		}
	})
}
