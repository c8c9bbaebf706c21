//go:build !race

package websocket

// The race detector allocates.

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/wirews/wirews/ws"
)

// A ping costs no memory while pongs wait, nor does a pong that nobody wants.
func TestPingsWhilePongsWaitAllocateNothing(t *testing.T) {
	payload := bytes.Repeat([]byte("p"), ws.MaxControlFramePayloadSize)
	for name, c := range sides(t) {
		c.out.lock.lock(nil, nil)
		c.answerPing(pingEvent(payload))
		if n := testing.AllocsPerRun(1000, func() { c.answerPing(pingEvent(payload)) }); n != 0 {
			t.Errorf("%s: %v allocations for each ping", name, n)
		}
		for _, pong := range []string{"", "not ours", "123456", "99999999999999999999"} {
			p := []byte(pong)
			if n := testing.AllocsPerRun(1000, func() { c.extras().pings.answered(p) }); n != 0 {
				t.Errorf("%v allocations for each pong %q", n, p)
			}
		}
		c.finish(ConnError{By: EndedByUs})
		c.unlockOutput()
	}
}

func TestSendPingAllocatesNothing(t *testing.T) {
	near, far := tcpConns(t)
	go io.Copy(io.Discard, far)
	c := serverOver(t, near, nil)
	p := []byte("?")
	n := testing.AllocsPerRun(100, func() {
		if err := c.SendPing(context.Background(), p); err != nil {
			t.Error(err)
		}
	})
	if n > 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
