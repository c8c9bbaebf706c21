package wspoll

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// newFakeLoop returns a loop of s whose turns the test takes.
func newFakeLoop(t testing.TB, s *Server) (*loop, *fake) {
	t.Helper()
	var err error
	if s.set, err = s.settle(); err != nil {
		t.Fatal(err)
	}
	f := new(fake)
	l := newLoop(s, f)
	s.loops = []*loop{l}
	return l, f
}

// openOn adds a connection that is open.
func openOn(l *loop, f *fake, s *fakeSocket) *Conn {
	c := newConn(l, f.socket(s))
	c.stage = stageOpen
	l.add(c)
	return c
}

func (l *loop) mustTurn(t testing.TB) {
	t.Helper()
	if err := l.turn(); err != nil {
		t.Fatal(err)
	}
}

// A new connection is for the loop that has the fewest.
func TestANewConnectionIsForTheLoopWithTheFewest(t *testing.T) {
	s := &Server{}
	for _, n := range []int32{3, 1, 2} {
		l := newLoop(s, new(fake))
		l.count.Store(n)
		s.loops = append(s.loops, l)
	}
	var got []int32
	for range 6 {
		l := s.fewest()
		newConn(l, 0)
		got = append(got, l.count.Load())
	}
	// 1 becomes 2, one of the twos 3, the other 3, and then each of them 4.
	if want := []int32{2, 3, 3, 4, 4, 4}; !slices.Equal(got, want) {
		t.Errorf("the loops that get one have %v then, want %v", got, want)
	}
}

// A socket that never runs dry gets its share, and then it is the turn of the others.
func TestASocketThatNeverRunsDryHoldsUpNobody(t *testing.T) {
	for _, tc := range []struct {
		name    string
		message string
		most    int // messages in a turn
	}{
		{"short messages", "x", turnMessages},
		{"long messages", strings.Repeat("x", 10_000), turnBytes/10_000 + 1},
	} {
		var order []*Conn
		s := &Server{OnMessage: func(c *Conn, _ ws.OpCode, _ []byte) { order = append(order, c) }}
		l, f := newFakeLoop(t, s)
		m := ws.AppendFrame(nil, ws.MaskFrame(ws.NewBinaryFrame([]byte(tc.message))))
		greedy := openOn(l, f, &fakeSocket{endless: m, room: -1})
		var others []*Conn
		for range 100 {
			others = append(others, openOn(l, f, &fakeSocket{room: -1}))
		}
		l.mustTurn(t)
		f.report(0, readable)
		for range 10 {
			l.mustTurn(t) // alone
		}
		order = nil
		for i, c := range others {
			f.sockets[i+1].in = m
			f.report(c.socket, readable)
		}
		l.mustTurn(t)
		share, seen := 0, 0
		for _, c := range order {
			if c == greedy {
				share++
			} else if seen++; c != others[seen-1] {
				t.Fatalf("%s: the others are not served in the order in which they were reported", tc.name)
			}
		}
		if share == 0 || share > tc.most || seen != len(others) {
			t.Errorf("%s: a turn has %d messages of the one and %d of the others, want up to %d and %d", tc.name, share, seen, tc.most, len(others))
		}
		if got := f.waits[len(f.waits)-1]; got != 0 {
			t.Errorf("%s: the poller waits for %v while something is to be done", tc.name, got)
		}
	}
}

// Messages that are short on the wire and long when they are inflated have a share too,
// in pieces or each in one: a turn makes as much of them as it says, and one message.
func TestMessagesThatInflateHoldUpNobody(t *testing.T) {
	const size = 512 << 10
	side := wsflate.New(ws.StateClientSide, wsflate.Parameters{}, &wsflate.Options{Threshold: 1})
	sender := wsproto.NewConn(&wsproto.Config{State: ws.StateClientSide, Mask: ws.NewMask}, side)
	m, err := sender.AppendMessage(nil, ws.OpBinary, make([]byte, size))
	if err != nil || len(m) > 4<<10 {
		t.Fatalf("%d bytes, %v", len(m), err)
	}
	handled := 0
	s := &Server{OnMessage: func(_ *Conn, _ ws.OpCode, p []byte) { handled += len(p) }}
	l, f := newFakeLoop(t, s)
	c := openOn(l, f, &fakeSocket{endless: m, room: -1})
	c.extras().deflate = wsflate.New(ws.StateServerSide, wsflate.Parameters{}, nil)
	l.mustTurn(t)
	f.report(0, readable)
	for range 10 {
		before := handled
		l.mustTurn(t)
		if got := handled - before; got > turnDecoded+size {
			t.Fatalf("%d bytes are made in a turn, want %d and a message at most", got, turnDecoded)
		}
	}
	if handled < 5*turnDecoded {
		t.Errorf("%d bytes are made in ten turns", handled)
	}
}

// What was reported of a connection that is gone does not reach the one that has its
// place, even with the same socket.
func TestALateReportReachesNobody(t *testing.T) {
	handled := 0
	s := &Server{OnMessage: func(*Conn, ws.OpCode, []byte) { handled++ }}
	l, f := newFakeLoop(t, s)
	first := openOn(l, f, &fakeSocket{room: -1})
	l.mustTurn(t)
	f.report(0, readable) // collected before the end
	old := f.sockets[0].token
	first.remove(0, nil)
	second := openOn(l, f, &fakeSocket{room: -1})
	l.mustTurn(t)
	if now := f.sockets[1].token; second.place != old.place() || now == old {
		t.Fatalf("tokens %x and %x, want the same place, used again", old, now)
	}
	if reads := f.sockets[1].reads; reads > 1 { // one is for what may have come before it was added
		t.Errorf("the second connection was read %d times", reads)
	}
	if !f.sockets[0].released || f.sockets[1].released {
		t.Error("the wrong socket is released")
	}
	if err := first.Write(ws.OpText, []byte("late")); err == nil || len(f.sockets[0].out) != 0 || len(f.sockets[1].out) != 0 {
		t.Errorf("a late write returns %v, and arrives as %q, %q", err, f.sockets[0].out, f.sockets[1].out)
	}
}

// A write that stops anywhere goes on where it has stopped.
func TestWhatTheSocketDoesNotTakeIsSentLater(t *testing.T) {
	want := ws.AppendFrame(nil, ws.NewTextFrame([]byte("Hello")))
	want = ws.AppendFrame(want, ws.NewBinaryFrame([]byte(strings.Repeat("x", 1000))))
	for room := range len(want) {
		l, f := newFakeLoop(t, &Server{})
		c := openOn(l, f, &fakeSocket{room: room})
		l.mustTurn(t)
		c.Write(ws.OpText, []byte("Hello"))
		c.Write(ws.OpBinary, []byte(strings.Repeat("x", 1000)))
		if got := string(f.sockets[0].out); got != string(want[:room]) {
			t.Fatalf("room for %d: %q", room, got)
		}
		for i := range want[room:] {
			f.sockets[0].room = 1
			f.report(0, writable)
			l.mustTurn(t)
			if got := len(f.sockets[0].out); got != room+i+1 {
				t.Fatalf("room for %d, then one: %d bytes have left, want %d", room, got, room+i+1)
			}
		}
		if got := string(f.sockets[0].out); got != string(want) {
			t.Fatalf("room for %d: %q", room, got)
		}
		if c.out.Pending() != nil {
			t.Error("memory is kept that nothing waits in")
		}
	}
}

// Messages cut at every byte come out whole, and an idle connection has nothing.
func TestMessagesMayBeCutAnywhere(t *testing.T) {
	m := ws.AppendFrame(nil, ws.MaskFrame(ws.NewTextFrame([]byte("Hello"))))
	m = ws.AppendFrame(m, ws.MaskFrame(ws.NewFrame(ws.OpBinary, false, []byte("wor"))))
	m = ws.AppendFrame(m, ws.MaskFrame(ws.NewPingFrame([]byte("?"))))
	m = ws.AppendFrame(m, ws.MaskFrame(ws.NewFrame(ws.OpContinuation, true, []byte("ld"))))
	for cut := range len(m) + 1 {
		var got []string
		s := &Server{OnMessage: func(_ *Conn, _ ws.OpCode, p []byte) { got = append(got, string(p)) }}
		l, f := newFakeLoop(t, s)
		c := openOn(l, f, &fakeSocket{room: -1})
		for _, part := range []string{string(m[:cut]), string(m[cut:])} {
			f.sockets[0].in = []byte(part)
			f.report(0, readable)
			l.mustTurn(t)
		}
		if strings.Join(got, " ") != "Hello world" || string(f.sockets[0].out) != "\x8a\x01?" {
			t.Errorf("cut at %d: messages %q, sent %q", cut, got, f.sockets[0].out)
		}
		if c.rx != nil || c.extra != nil || c.out.Pending() != nil {
			t.Errorf("cut at %d: an idle connection holds something", cut)
		}
	}
}

// A connection that comes to a loop when the server is shut down is closed, whether it
// is open already or not, and nothing is sent on it.
func TestNobodyIsWelcomeAfterShutdown(t *testing.T) {
	for _, at := range []stage{stageRequest, stageOpen} {
		s := &Server{
			OnOpen:  func(*Conn) { t.Error("OnOpen is called") },
			OnClose: func(*Conn, *ConnError) { t.Error("OnClose is called") },
		}
		l, f := newFakeLoop(t, s)
		l.do(task{what: taskDrain})
		c := newConn(l, f.socket(&fakeSocket{room: -1}))
		c.stage = at
		l.add(c)
		if s := f.sockets[0]; !s.released || len(s.out) > 0 || l.conns.used != 0 || l.count.Load() != 0 {
			t.Errorf("stage %d: released %v, %q was sent, %d connections", at, s.released, s.out, l.conns.used)
		}
		if got := s.Stats(); got.Open != 0 || got.Opened != 0 || got.Refused["shutdown"] != 1 {
			t.Errorf("stage %d: the counts are %+v", at, got)
		}
	}
}

// A client that has sent its request and left, all in one report, is not decided about
// for longer.
func TestLaterIsToldOfAClientThatLeftAtOnce(t *testing.T) {
	asked, over := make(chan bool), make(chan error, 1)
	s := &Server{HandshakeTimeout: -1, OnRequest: func(*Request) Decision {
		return Later(func(ctx context.Context, _ *Request) error {
			asked <- true
			<-ctx.Done()
			over <- ctx.Err()
			return nil
		})
	}}
	l, f := newFakeLoop(t, s)
	s.decide.most = 1
	c := newConn(l, f.socket(&fakeSocket{in: []byte(anyRequest), room: -1}))
	l.add(c)
	f.report(c.socket, readable|ended)
	l.mustTurn(t)
	<-asked
	l.mustTurn(t)
	if err := <-over; err != context.Canceled || !c.gone {
		t.Errorf("the context ends with %v, the connection is gone: %v", err, c.gone)
	}
	s.decide.wait()
}

const anyRequest = "GET / HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
