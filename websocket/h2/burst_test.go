package h2_test

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
)

// Requests that wait for a slow path are no answers that the server does not read.
func TestManyRequestsAtOnceAreNoFlood(t *testing.T) {
	const dials = 400
	goOn := make(chan struct{})
	var conns atomic.Int64
	s := hostile(t, func(p *peer) {
		p.greet()
		p.open()
		conns.Add(1)
		<-goOn
		p.WritePing(false, [8]byte{1})
		for p.open() != 0 {
		}
	})
	s.dial(t, nil)
	// Much more of each than the connection takes, and HPACK does not index it.
	header := http.Header{"Authorization": {"Bearer " + strings.Repeat("x", 6000)}}
	var all sync.WaitGroup
	var begun atomic.Int64
	for range dials {
		all.Go(func() {
			begun.Add(1)
			c, _, err := s.tryDial(bg, &websocket.DialOptions{HTTPHeader: header})
			if err != nil {
				t.Error(err)
				return
			}
			c.CloseNow()
		})
	}
	wstest.Until(t, "all have begun", func() bool { return begun.Load() == dials })
	close(goOn)
	all.Wait()
	if n := conns.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

// What a server sends before it knows that a stream was reset is no flood (RFC 9113,
// section 5.1), as far as it was allowed to send.
func TestDataForAStreamThatWasResetIsNoFlood(t *testing.T) {
	message := append([]byte{0x82, 48}, bytes.Repeat([]byte{'.'}, 48)...)
	s := hostile(t, func(p *peer) {
		p.greet()
		one, two := p.open(), p.open()
		next[*http2.RSTStreamFrame](p)
		for range 2600 { // of 50 bytes: half of the window
			p.WriteData(one, false, message)
		}
		p.WriteData(two, false, []byte("\x82\x01x"))
		for range p.frames {
		}
	})
	a, b := s.dial(t, nil), s.dial(t, nil)
	a.CloseNow()
	if _, m, err := b.Read(bg); string(m) != "x" || err != nil {
		t.Errorf("%q, %v; want x", m, err)
	}
	b.CloseNow()
}
