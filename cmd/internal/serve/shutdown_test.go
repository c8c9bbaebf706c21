package serve_test

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/ws"
)

// eventually tries until cond holds. What it waits for happens on another
// goroutine, soon, without a sign that a client could see.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for start := time.Now(); !cond(); runtime.Gosched() {
		if time.Since(start) > patience {
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

func (s *testServer) shutdown(t *testing.T) (err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return s.Shutdown(ctx)
}

func TestShutdownClosesEveryConnectionAndWaits(t *testing.T) {
	eachWay(t, testShutdownClosesEveryConnectionAndWaits)
}

func testShutdownClosesEveryConnectionAndWaits(t *testing.T, o serve.Options) {
	const n = 100
	before := runtime.NumGoroutine()
	s := start(t, o)
	peers := make([]peer, n)
	for i := range peers {
		peers[i] = s.connectTo(t, []string{"/echo", "/time?rate=0.001", "/chat?room=" + strconv.Itoa(i)}[i%3])
		if i%3 > 0 {
			peers[i].text("what the server says first")
		}
	}
	var answered sync.WaitGroup
	done := make(chan error, 1)
	go func() { done <- s.shutdown(t) }()
	for _, p := range peers {
		answered.Go(func() {
			f, err := ws.ReadFrame(p)
			if err != nil || f.Header.OpCode != ws.OpClose {
				t.Errorf("got %+v, error %v; want a close frame", f.Header, err)
			}
			if code, reason, err := ws.ParseClose(f.Payload); code != ws.StatusGoingAway || err != nil {
				t.Errorf("close %d %q, error %v; want 1001", code, reason, err)
			}
		})
	}
	answered.Wait()
	select {
	case err := <-done:
		t.Fatalf("Shutdown has returned with error %v before anybody answered", err)
	default:
	}
	for _, p := range peers {
		// RFC 6455, 5.5.1: data may still come until the answer does; no echo of it leaves behind a close frame.
		p.send(join(masked(ws.OpText, true, "late"), closing(ws.StatusGoingAway, "")))
		p.wantEnd("behind the answer")
	}
	if err := <-done; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	eventually(t, "no goroutine of the server is left", func() bool { return runtime.NumGoroutine() <= before+1 })
}

func TestShutdownCutsOffWhoDoesNotAnswerWhenItsTimeIsOver(t *testing.T) {
	eachWay(t, testShutdownCutsOffWhoDoesNotAnswerWhenItsTimeIsOver)
}

func testShutdownCutsOffWhoDoesNotAnswerWhenItsTimeIsOver(t *testing.T, o serve.Options) {
	before := runtime.NumGoroutine()
	s := start(t, o)
	silent, stalled := s.connect(t), s.connect(t)
	// Nothing of this is ever read, so that the server comes to stand inside
	// a write, which holds up its close frame.
	go stalled.Write(masked(ws.OpBinary, true, string(make([]byte, 30<<20))))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(ctx) }()
	silent.want("close frame", ws.OpClose, ws.AppendClose(nil, ws.StatusGoingAway, "server is shutting down"))
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown: %v, want context.Canceled", err)
	}
	silent.wantEnd("connection that was cut off")
	stalled.Close()
	eventually(t, "no goroutine of the server is left", func() bool { return runtime.NumGoroutine() <= before+1 })
}

func TestShutdownWithoutConnectionsReturnsAndIsRepeatable(t *testing.T) {
	eachWay(t, testShutdownWithoutConnectionsReturnsAndIsRepeatable)
}

func testShutdownWithoutConnectionsReturnsAndIsRepeatable(t *testing.T, o serve.Options) {
	s := start(t, o)
	for range 2 {
		if err := s.shutdown(t); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	}
	if conn, err := s.dial(ws.Dialer{}); err == nil {
		conn.Close()
		t.Error("a connection came about behind Shutdown")
	}
}

func TestConnectionsThatComeDuringShutdownAreClosedOrRefused(t *testing.T) {
	eachWay(t, testConnectionsThatComeDuringShutdownAreClosedOrRefused)
}

func testConnectionsThatComeDuringShutdownAreClosedOrRefused(t *testing.T, o serve.Options) {
	s := start(t, o)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			conn, err := s.dial(ws.Dialer{})
			if err != nil {
				return
			}
			defer conn.Close()
			f, err := ws.ReadFrame(conn)
			if err != nil {
				return
			}
			if code, _, _ := ws.ParseClose(f.Payload); f.Header.OpCode != ws.OpClose || code != ws.StatusGoingAway {
				t.Errorf("got %+v with %q, want a close frame with 1001", f.Header, f.Payload)
			}
			conn.Write(closing(ws.StatusGoingAway, ""))
		})
	}
	if err := s.shutdown(t); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	wg.Wait()
}
