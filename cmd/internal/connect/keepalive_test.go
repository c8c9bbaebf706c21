package connect

import (
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/ws"
)

func TestASilentServerIsPingedAndGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		o := Default()
		o.PingInterval = 10 * time.Second
		c := newConn(ours, ws.Handshake{}, o)
		ended := make(chan error, 1)
		since := time.Now()
		go func() { ended <- c.receive(ignoring{}) }()
		for range 3 {
			f, err := ws.ReadFrame(theirs)
			if err != nil || f.Header.OpCode != ws.OpPing {
				t.Fatalf("got %+v, error %v; want a ping", f.Header, err)
			}
			theirs.Write(frame(ws.OpPong, keepAlivePayload))
		}
		// The next ping is not even read.
		wantOutcome(t, "end", <-ended, exit.Lost, "not even a pong", "20s")
		if took := time.Since(since); took != 50*time.Second {
			t.Errorf("given up after %v, want 50 seconds", took)
		}
	})
}
