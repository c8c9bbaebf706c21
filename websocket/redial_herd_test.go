package websocket_test

import (
	"context"
	"errors"
	"math"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
)

// restarting is a server in memory that can be taken down. It counts connections in
// windows of 100 ms since it has come up.
type restarting struct {
	mu      sync.Mutex
	conns   []*websocket.Conn
	down    bool
	up      time.Time
	windows []int
}

var errDown = errors.New("connection refused")

func (s *restarting) dial(ctx context.Context) (net.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return nil, errDown
	}
	client, server := net.Pipe()
	go s.accept(server)
	return client, nil
}

func (s *restarting) accept(conn net.Conn) {
	c, err := websocket.AcceptConn(conn, nil)
	if err != nil {
		conn.Close()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = append(s.conns, c)
	window := int(time.Since(s.up) / (100 * time.Millisecond))
	for len(s.windows) <= window {
		s.windows = append(s.windows, 0)
	}
	s.windows[window]++
}

// stop closes all connections in a way, and takes the server down for a while.
func (s *restarting) stop(closes func(c *websocket.Conn), down time.Duration) {
	s.mu.Lock()
	conns := s.conns
	s.conns, s.down = nil, true
	s.mu.Unlock()
	var wg sync.WaitGroup
	for _, c := range conns {
		wg.Go(func() { closes(c) })
	}
	wg.Wait()
	time.Sleep(down)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down, s.up, s.windows = false, time.Now(), nil
}

// Clients that have lost a server together do not come back together. The bound
// follows from the jitter: who waits for the k-th time does so for a time that is
// spread evenly over 2^(k-1) seconds, so that a window of 100 ms has at most a tenth
// of all that wait for the first time, half of a tenth of those for the second time,
// and so on. While the server is down for two seconds all have waited once, so at
// most the tenth is left that halves add up to. Code 1012 spreads them over 25
// seconds. Eight deviations are added for chance, which does not reach them in a
// million runs.
func TestClientsOfARestartedServerAreNoHerd(t *testing.T) {
	clients := 5000
	if raceEnabled || testing.Short() {
		clients = 1000 // the race detector bounds goroutines
	}
	closes := func(code websocket.StatusCode) func(c *websocket.Conn) {
		return func(c *websocket.Conn) { c.Close(code, "") }
	}
	for _, tc := range []struct {
		name   string
		closes func(c *websocket.Conn)
		down   time.Duration
		part   float64       // of all, in 100 ms
		within time.Duration // all are back
	}{
		{"1001, and up at once", closes(websocket.StatusGoingAway), 0, 0.1, time.Second},
		{"a crash of two seconds", func(c *websocket.Conn) { c.CloseNow() }, 2 * time.Second, 0.1, time.Minute},
		{"1012, and up after two seconds", closes(websocket.StatusServiceRestart), 2 * time.Second, 0.1 / 25, 28 * time.Second},
	} {
		bubble(t, func(t *testing.T) {
			s := &restarting{up: time.Now()}
			opts := &websocket.RedialOptions{Dial: dialled(s.dial)}
			ctx, cancel := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			for range clients {
				wg.Go(func() { websocket.Redial(ctx, "ws://example.com/", opts, read) })
			}
			time.Sleep(10 * time.Second)
			s.stop(tc.closes, tc.down)
			time.Sleep(tc.within)
			synctest.Wait()

			s.mu.Lock()
			back, most := 0, 0
			for _, n := range s.windows {
				back, most = back+n, max(most, n)
			}
			s.mu.Unlock()
			mean := tc.part * float64(clients)
			if bound := int(mean + 8*math.Sqrt(mean)); most > bound {
				t.Errorf("%s: %d of %d clients came back in 100 ms, want at most %d", tc.name, most, clients, bound)
			} else {
				t.Logf("%s: at most %d of %d clients in 100 ms, the bound is %d", tc.name, most, clients, bound)
			}
			if back != clients {
				t.Errorf("%s: %d of %d clients are back after %v", tc.name, back, clients, tc.within)
			}
			cancel()
			s.stop(func(c *websocket.Conn) { c.CloseNow() }, 0)
			wg.Wait()
		})
	}
}
