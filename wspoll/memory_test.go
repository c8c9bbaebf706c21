package wspoll

import (
	"runtime"
	"testing"
	"time"
	"unsafe"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// What an idle connection holds: 192 bytes of its own, 16 in the table of its loop,
// and 16 of a timer if it is kept alive. After a message it holds no more.
func TestAnIdleConnectionHoldsLittle(t *testing.T) {
	if RaceEnabled {
		t.Skip("the race detector allocates")
	}
	if size := unsafe.Sizeof(Conn{}); unsafe.Sizeof(uintptr(0)) == 8 && size > 192 {
		t.Errorf("a Conn has %d bytes, want 192", size)
	}
	const n, want, wantKept = 20_000, 224, 250
	for name, tc := range map[string]struct {
		server *Server
		most   float64
	}{
		"without pings": {&Server{}, want},
		"with pings":    {&Server{KeepAlive: wsproto.KeepAlive{Interval: time.Hour}}, wantKept},
	} {
		t.Run(name, func(t *testing.T) {
			tc.server.OnMessage = func(c *Conn, op ws.OpCode, p []byte) { c.Write(op, p) }
			l, _ := newFakeLoop(t, tc.server)
			m := ws.AppendFrame(nil, ws.MaskFrame(ws.NewTextFrame([]byte("Hello"))))
			f := &same{in: m}
			l.poll = f
			before := heap()
			for i := range n {
				c := newConn(l, handle(i))
				l.add(c)
				c.finishForTest()
				f.full = true
				c.reported(readable)
				l.mustTurn(t)
			}
			each := float64(heap()-before) / n
			if t.Logf("%.0f bytes", each); each > tc.most {
				t.Errorf("a connection holds %.0f bytes, want up to %.0f", each, tc.most)
			}
			runtime.KeepAlive(l)
		})
	}
}

// A connection that is paused, since its peer takes nothing, holds what has been
// received in memory of that size, and not what it reads into.
func TestAPausedConnectionHoldsLittle(t *testing.T) {
	if RaceEnabled {
		t.Skip("the race detector allocates")
	}
	l, f := newFakeLoop(t, &Server{OnMessage: func(c *Conn, _ ws.OpCode, _ []byte) {
		c.Write(ws.OpBinary, make([]byte, freeToWait))
	}})
	const n, want = 200, 40_000 // a buffer to read into has 73,728
	in := ws.AppendFrame(nil, ws.MaskFrame(ws.NewTextFrame([]byte("Hello"))))
	in = append(in, in...) // the second one waits
	before := heap()
	for i := range n {
		s := &fakeSocket{in: in}
		c := openOn(l, f, s)
		f.report(handle(i), readable)
		l.mustTurn(t)
		if !c.paused || len(s.in) > 0 {
			t.Fatalf("paused: %t, not read: %d bytes; want it paused with a message", c.paused, len(s.in))
		}
	}
	each := float64(heap()-before)/n - float64(freeToWait) // what is to be sent
	if t.Logf("%.0f bytes", each); each > want {
		t.Errorf("a connection holds %.0f bytes besides what is to be sent, want less than %d", each, want)
	}
	s := f.sockets[0]
	s.room = -1
	f.report(0, writable)
	for range 3 {
		l.mustTurn(t)
	}
	if len(s.out) < 2*freeToWait {
		t.Errorf("%d bytes have left, want two messages", len(s.out))
	}
}

// finishForTest does as if the handshake was over.
func (c *Conn) finishForTest() {
	o := c.opening()
	o.accepted, c.stage = true, stageAnswer
	c.sendAnswer()
}

func heap() int64 {
	var m runtime.MemStats
	for range 3 {
		runtime.GC() // a pool outlives one
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// same is a fake whose sockets are all the same, and hold nothing.
type same struct {
	fake
	in   []byte
	full bool
}

func (s *same) add(handle, token) error { return nil }

func (s *same) read(_ handle, p []byte) (n int, dry bool, err error) {
	if !s.full {
		return 0, true, nil
	}
	s.full = false
	return copy(p, s.in), true, nil
}

func (s *same) write(_ handle, p []byte) (n int, err error) { return len(p), nil }

// Messages cost no allocation, on the loop and out of it.
func TestMessagesDoNotAllocate(t *testing.T) {
	if RaceEnabled {
		t.Skip("the race detector allocates")
	}
	l, _ := newFakeLoop(t, &Server{OnMessage: func(c *Conn, op ws.OpCode, p []byte) { c.Write(op, p) }})
	f := &same{in: ws.AppendFrame(nil, ws.MaskFrame(ws.NewTextFrame([]byte("Hello"))))}
	l.poll = f
	c := newConn(l, 0)
	c.stage = stageOpen
	l.add(c)
	l.mustTurn(t)
	if n := testing.AllocsPerRun(1000, func() {
		f.full = true
		c.reported(readable)
		l.mustTurn(t)
	}); n >= 1 {
		t.Errorf("a message costs %v allocations", n)
	}
}
