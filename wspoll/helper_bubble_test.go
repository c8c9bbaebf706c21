package wspoll_test

import (
	"testing"
	"testing/synctest"

	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/wspoll"
)

// serveIn is serve for connections in memory, in a bubble, where time passes only
// while everybody waits.
func serveIn(t *testing.T, s *wspoll.Server) *wstest.Listener {
	t.Helper()
	if err := s.StartWith("goroutines"); err != nil {
		t.Fatal(err)
	}
	l := wstest.NewListener(64 << 10)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-served; err != wspoll.ErrServerClosed {
			t.Errorf("Serve returns %v", err)
		}
		synctest.Wait()
		if n := s.Conns(); n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
	return l
}

// connect is dial in memory, without a deadline.
func connect(t *testing.T, l *wstest.Listener) peer {
	t.Helper()
	conn, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return peer{t, conn}
}

// openIn is open in memory.
func openIn(t *testing.T, l *wstest.Listener) peer {
	t.Helper()
	p := connect(t, l)
	p.send([]byte(request))
	p.wantHead("HTTP/1.1 101 ")
	return p
}
