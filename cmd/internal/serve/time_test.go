package serve_test

import (
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/ws"
)

// wantCut reads the end of a pipe: nothing was said before it.
func (p peer) wantCut(what string) {
	p.t.Helper()
	if b, err := io.ReadAll(p); len(b) > 0 || err != nil {
		p.t.Errorf("%s: %q and error %v, want the end", what, b, err)
	}
}

func took(t *testing.T, what string, since time.Time, want time.Duration) {
	t.Helper()
	if got := time.Since(since); got != want {
		t.Errorf("%s after %v, want %v", what, got, want)
	}
}

func TestASilentPeerIsPingedAndThenGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := serve.Default()
		o.Keepalive = time.Minute
		p := startOnPipes(t, o).connect(t)
		for range 3 {
			since := time.Now()
			p.want("ping", ws.OpPing, nil)
			took(t, "ping", since, time.Minute)
			p.Write(masked(ws.OpPong, true, ""))
		}
		p.want("ping that is not answered", ws.OpPing, nil)
		since := time.Now()
		p.wantCut("silence behind a ping")
		took(t, "end", since, time.Minute)
	})
}

func TestAPeerThatTalksIsNotPinged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := serve.Default()
		o.Keepalive = time.Minute
		p := startOnPipes(t, o).connect(t)
		for range 5 {
			time.Sleep(time.Minute - time.Second)
			p.send(masked(ws.OpText, true, "here"))
			p.want("echo", ws.OpText, []byte("here"))
		}
	})
}

func TestWithoutKeepaliveAPeerMayBeSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := serve.Default()
		o.Keepalive = 0
		p := startOnPipes(t, o).connect(t)
		time.Sleep(1000 * time.Hour)
		p.send(masked(ws.OpText, true, "still here"))
		p.want("echo", ws.OpText, []byte("still here"))
	})
}

func TestAPeerThatDoesNotReadIsGivenUp(t *testing.T) {
	for _, size := range []int{1, 1 << 20} {
		synctest.Test(t, func(t *testing.T) {
			o := serve.Default()
			o.Keepalive, o.WriteTimeout = 0, time.Minute
			p := startOnPipes(t, o).connect(t)
			p.Write(masked(ws.OpBinary, true, string(make([]byte, size))))
			since := time.Now()
			for {
				// A pipe holds nothing: a byte is taken only by a server that reads.
				if _, err := p.Write(masked(ws.OpPing, true, "")); err != nil {
					break
				}
			}
			took(t, "end", since, time.Minute)
		})
	}
}

func TestAPeerThatReadsSlowlyIsNotGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := serve.Default()
		o.Keepalive, o.WriteTimeout = 0, time.Minute
		p := startOnPipes(t, o).connect(t)
		payload := random(1 << 20)
		p.Write(masked(ws.OpBinary, true, string(payload)))
		slow := peer{slowConn{p.Conn}, t}
		since := time.Now()
		slow.want("echo", ws.OpBinary, payload)
		if took := time.Since(since); took < 5*time.Minute {
			t.Errorf("echo within %v: the test has not read slowly", took)
		}
	})
}

// slowConn takes 15 seconds for 32 KiB.
type slowConn struct{ net.Conn }

func (c slowConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p[:min(len(p), 32<<10)])
	time.Sleep(time.Duration(n) * 15 * time.Second / (32 << 10))
	return n, err
}

func TestAHandshakeThatDoesNotComeIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := serve.Default()
		o.Handshake = time.Minute
		s := startOnPipes(t, o)
		conn, err := s.pipe.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		// W39: a byte a second must not hold the connection longer.
		var drip sync.WaitGroup
		defer drip.Wait()
		drip.Go(func() {
			for _, err := conn.Write([]byte("G")); err == nil; _, err = conn.Write([]byte("G")) {
				time.Sleep(time.Second)
			}
		})
		since := time.Now()
		if _, err := io.ReadAll(conn); err != nil {
			t.Error(err)
		}
		took(t, "end", since, time.Minute)
	})
}

func TestConnectionsOutliveTheTimeForTheirHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := serve.Default()
		o.Handshake, o.WriteTimeout, o.Keepalive = time.Second, time.Second, 0
		p := startOnPipes(t, o).connect(t)
		time.Sleep(time.Hour)
		p.send(masked(ws.OpText, true, "still here"))
		p.want("echo", ws.OpText, []byte("still here"))
	})
}
