package wsproto_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// outcome is all that a Conn which echoes makes of received bytes.
type outcome struct {
	events string
	out    string // hex
	err    error
	phase  wsproto.Phase
}

func (e *end) outcome() outcome {
	return outcome{e.events(), fmt.Sprintf("%x", e.sent), e.err, e.conn.Phase(0)}
}

// echoed is what a Conn that echoes makes of the pieces.
func echoed(t testing.TB, side ws.State, x wsproto.Extension, pieces [][]byte) outcome {
	e := newEnd(t, &wsproto.Config{State: side, Mask: keys(), Limits: wsproto.Limits{Message: 300}}, x)
	e.echo = true
	for _, p := range pieces {
		e.receive(p)
	}
	return e.outcome()
}

// The same bytes in are the same events and the same bytes out, however they
// were cut on their way.
func TestConnMakesTheSameOfEverySplit(t *testing.T) {
	const server, client = ws.StateServerSide, ws.StateClientSide
	bare := func(op ws.OpCode, fin bool, p string) []byte {
		return ws.AppendFrame(nil, ws.NewFrame(op, fin, []byte(p)))
	}
	long := strings.Repeat("x", 300)
	for _, tc := range []struct {
		name   string
		side   ws.State
		in     []byte
		events string
	}{
		{"messages", server, join(frame(text, true, "one"), frame(binary, true, ""), frame(text, true, "three")), "text:one | binary: | text:three"},
		{"two lengths of header", server, join(frame(text, true, "a"), frame(text, true, long)), "text:a | text:" + long},
		{"fragments and pings", server, join(frame(text, false, "Hel"), frame(ping, true, "?"), frame(cont, true, "lo"), frame(ping, true, "!")), "ping:? | text:Hello | ping:!"},
		{"pongs", server, join(frame(pong, true, "x"), frame(text, true, "y")), "pong:x | text:y"},
		{"close", server, join(frame(text, true, "a"), closing(1000, "bye"), frame(text, true, "late")), "text:a | close:1000:bye"},
		{"close without a code", server, frame(closeF, true, ""), "close:1005:"},
		{"an unmasked frame", server, join(frame(text, true, "a"), mustHex("8100"), frame(text, true, "b")), "text:a"},
		{"a reserved opcode", server, join(frame(ping, true, "a"), frame(5, true, "b")), "ping:a"},
		{"bad UTF-8", server, join(frame(text, true, "a"), frame(text, true, "b\xffc"), frame(ping, true, "")), "text:a"},
		{"a message over the limit", server, join(frame(text, true, "a"), frame(binary, true, strings.Repeat("x", 301))), "text:a"},
		{"a close frame that is wrong", server, join(frame(ping, true, ""), closing(999, "")), "ping:"},
		{"a client", client, join(bare(text, false, "Hel"), bare(ping, true, "?"), bare(cont, true, "lo"), bare(text, true, long), bare(closeF, true, "\x03\xe8")), "ping:? | text:Hello | text:" + long + " | close:1000:"},
		{"a client that gets masks", client, join(bare(ping, true, "a"), frame(text, true, "b")), "ping:a"},
	} {
		for _, x := range []func() wsproto.Extension{
			func() wsproto.Extension { return nil },
			func() wsproto.Extension { return &runs{} },
		} {
			want := echoed(t, tc.side, x(), [][]byte{tc.in})
			if want.events != tc.events {
				t.Errorf("%s: events %s, want %s", tc.name, want.events, tc.events)
			}
			for how, pieces := range wstest.Splits(tc.in) {
				if got := echoed(t, tc.side, x(), pieces); got != want {
					t.Errorf("%s, %s:\n got %v\nwant %v", tc.name, how, got, want)
				}
			}
		}
	}
}

func FuzzConnSplits(f *testing.F) {
	f.Add(join(rsvFrame(4, text, false, "\x01H\x03"), frame(ping, true, "?"), frame(cont, true, "a")), 5, 9, false)
	f.Add(join(frame(text, true, "whole"), frame(text, true, "a\xff")), 8, 8, false)
	f.Add(join(frame(ping, true, "whole"), closing(1000, "bye")), 3, 20, false)
	f.Add(mustHex("c102 0661 0103 48656c 8000 8900 8802 03e8"), 2, 7, true)
	f.Fuzz(func(t *testing.T, in []byte, i, j int, masks bool) {
		if i < 0 || j < i || j > len(in) {
			return
		}
		side := ws.StateServerSide
		if masks {
			side = ws.StateClientSide
		}
		var single [][]byte
		for k := range in {
			single = append(single, in[k:k+1])
		}
		for _, x := range []func() wsproto.Extension{
			func() wsproto.Extension { return nil },
			func() wsproto.Extension { return &runs{} },
		} {
			want := echoed(t, side, x(), [][]byte{in})
			if got := echoed(t, side, x(), single); got != want {
				t.Fatalf("byte by byte: %v, want %v", got, want)
			}
			if got := echoed(t, side, x(), [][]byte{in[:i], in[i:j], in[j:]}); got != want {
				t.Fatalf("cut at %d, %d: %v, want %v", i, j, got, want)
			}
		}
	})
}

func TestConnEncodesAndDecodes(t *testing.T) {
	masked := &wsproto.Config{State: ws.StateClientSide, Mask: keys()}
	s, c := newEnd(t, nil, &runs{}), newEnd(t, masked, &runs{})
	s.echo = true
	message := strings.Repeat("a", 1000) + "bc"
	if err := c.do(c.conn.AppendMessage(nil, ws.OpText, []byte(message))); err != nil || len(c.sent) > 30 {
		t.Fatalf("%x, %v", c.sent, err)
	}
	s.receive(c.take())
	c.receive(s.take())
	if want := "text:" + message; s.events() != want || c.events() != want {
		t.Errorf("%.20s, %.20s", s.events(), c.events())
	}
}

// After the first error there is only that error, and nothing is sent behind
// the close frame for it.
func TestConnRepeatsItsFirstError(t *testing.T) {
	e := newEnd(t, nil, nil)
	e.receive(mustHex("8100"))
	sent := bytes.Clone(e.sent)
	for _, in := range [][]byte{mustHex("8300"), frame(text, true, "fine"), closing(1000, ""), nil} {
		if _, n, err := e.conn.Next(in, nil); n != 0 || err != ws.ErrProtocolMaskRequired {
			t.Errorf("Next: %d, %v", n, err)
		}
		if e.sent = e.conn.AppendAnswer(e.sent, wsproto.Event{}, e.err, 0); !bytes.Equal(e.sent, sent) {
			t.Errorf("sent %x, then %x", sent, e.sent)
		}
	}
	if err := e.conn.EOF(); err != ws.ErrProtocolMaskRequired {
		t.Errorf("EOF: %v", err)
	}
}

func TestConnDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	payload := bytes.Repeat([]byte("text "), 40)
	server := wsproto.NewConn(nil, nil)
	masked := wsproto.NewConn(&wsproto.Config{State: ws.StateClientSide, Mask: keys()}, nil)
	out, back := make([]byte, 0, 4096), make([]byte, 0, 4096)
	var asm wsproto.Assembler
	deliver := func(c *wsproto.Conn, in, out []byte, echo bool) []byte {
		for {
			ev, n, err := c.Next(in, nil)
			out = c.AppendAnswer(out, ev, err, 0)
			if err != nil {
				return out
			}
			in = in[n:]
			if m, done := asm.Add(ev); done && echo && !ev.Op.IsControl() {
				out, _ = c.AppendMessage(out, ev.Op, m)
			}
		}
	}
	if n := testing.AllocsPerRun(100, func() {
		out, _ = masked.AppendMessage(out[:0], ws.OpText, payload)
		out, _ = masked.AppendPing(out, payload[:9])
		out, _ = masked.AppendMessage(out, ws.OpBinary, payload)
		back = deliver(&server, out, back[:0], true)
		out = deliver(&masked, back, out[:0], false)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if len(back) < 2*len(payload) || masked.Phase(0) != wsproto.PhaseOpen {
		t.Errorf("%d bytes came back, %v", len(back), masked.Phase(0))
	}
}

// An idle connection costs at most 160 bytes, with all that it points to: a
// million of them must fit into a small machine.
func TestIdleConnIsSmall(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	const count, most = 10_000, 160
	traffic := join(frame(text, true, "hello"), frame(binary, false, "x"), frame(cont, true, "y"), frame(ping, true, "a long one"))
	for name, session := range map[string][]byte{
		"new":                    nil,
		"behind traffic":         traffic,
		"behind a close frame":   closing(1000, "bye"),
		"behind a wrong message": frame(5, true, ""),
	} {
		config := &wsproto.Config{}
		conns := make([]*wsproto.Conn, count)
		in, out := make([]byte, len(session)), make([]byte, 0, 1000)
		before := heap()
		for i := range conns {
			c := wsproto.NewConn(config, nil)
			conns[i] = &c
			copy(in, session)
			// What comes in halves leaves nothing behind.
			cut := max(0, len(in)-2)
			for _, part := range [][]byte{in[:cut], in[cut:]} {
				out = drive(&c, part, out[:0])
			}
		}
		if each := (heap() - before) / count; each > most {
			t.Errorf("%s: an idle connection costs %d bytes, at most %d are allowed", name, each, most)
		}
		runtime.KeepAlive(conns)
	}
}

// drive gives b to c, which echoes pieces as messages.
func drive(c *wsproto.Conn, b, out []byte) []byte {
	for {
		ev, n, err := c.Next(b, nil)
		out = c.AppendAnswer(out, ev, err, 0)
		if err != nil {
			return out
		}
		if b = b[n:]; !ev.Op.IsControl() {
			out, _ = c.AppendMessage(out, ev.Op, ev.Payload)
		}
	}
}

// heap returns the bytes of live objects.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Two goroutines use the halves of one Conn; what has to cross does so under
// the lock of the sending half. The race detector is the judge.
func TestHalvesAreForTwoGoroutines(t *testing.T) {
	const messages = 200
	c := wsproto.NewConn(nil, &runs{})
	var mu sync.Mutex
	var out []byte
	var wg sync.WaitGroup
	wg.Add(2)
	go func() { // the receiving half
		defer wg.Done()
		room := make([]byte, 100)
		for i := range messages + 1 {
			in := join(rsvFrame(4, text, true, "\x05a"), frame(ping, true, "?"))
			if i == messages {
				in = closing(1000, "")
			}
			for {
				ev, n, err := c.Next(in, room)
				if err == nil && !ev.Op.IsControl() {
					in = in[n:]
					continue
				}
				mu.Lock()
				out = c.AppendAnswer(out, ev, err, 0)
				mu.Unlock()
				if err != nil {
					break
				}
				in = in[n:]
			}
		}
	}()
	sent := 0
	go func() { // the sending half
		defer wg.Done()
		for err := error(nil); err == nil && sent < messages; {
			mu.Lock()
			if out, err = c.AppendMessage(out, ws.OpText, []byte("bbbbbbbb")); err == nil {
				sent++
			}
			mu.Unlock()
		}
	}()
	wg.Wait()
	got := decoded(t, false, out)
	var pongs, texts int
	for _, ev := range got.events {
		switch ev {
		case "pong:?":
			pongs++
		case "text:bbbbbbbb":
			texts++
		}
	}
	if last := got.events[len(got.events)-1]; pongs != messages || texts != sent || last != "close:1000:" {
		t.Errorf("%d pongs, %d of %d messages, then %s", pongs, texts, sent, last)
	}
}

// FuzzConn lets two Conns talk as a script says, and demands that neither has
// anything to say against the other, that what arrives is what was sent, and
// that the closing handshake comes to its end.
func FuzzConn(f *testing.F) {
	f.Add([]byte("mmpbffl>mc<"), false)
	f.Add([]byte{0x10, 0x91, 0x22, 0xb3, 0x04, 0x95, 0x16, 0x87, 0x38, 0x29, 0x1a}, true)
	f.Fuzz(func(t *testing.T, script []byte, encode bool) {
		if len(script) > 200 {
			return
		}
		var xs [2]wsproto.Extension
		if encode {
			xs = [2]wsproto.Extension{&runs{}, &runs{}}
		}
		server := newEnd(t, nil, xs[0])
		masked := newEnd(t, &wsproto.Config{State: ws.StateClientSide, Mask: keys()}, xs[1])
		ends := [2]*end{server, masked}
		var want [2][]string // that the other has to receive
		var open [2]string
		for i, b := range script {
			e, to, who := ends[b&1], ends[b&1^1], b&1
			p := bytes.Repeat([]byte{'a' + b%7}, int(b>>3)*3)
			switch b >> 1 & 7 {
			case 0:
				if e.do(e.conn.AppendMessage(e.sent, ws.OpBinary, p)) == nil {
					want[who] = append(want[who], "binary:"+string(p))
				}
			case 1:
				if e.conn.BeginMessage(ws.OpText, -1) == nil {
					open[who] = "text:"
				}
			case 2, 3:
				last := b>>1&7 == 3
				if e.do(e.conn.AppendFragment(e.sent, p, last)) == nil {
					if open[who] += string(p); last {
						want[who] = append(want[who], open[who])
					}
				}
			case 4:
				e.do(e.conn.AppendPing(e.sent, p[:min(len(p), 125)]))
			case 5, 6:
				n := min(len(e.sent), int(b>>3))
				to.receive(e.sent[:n])
				e.sent = e.sent[n:]
			case 7:
				if i > len(script)/2 {
					e.do(e.conn.AppendClose(e.sent, 3000, "fuzz", e.now))
				}
			}
		}
		server.do(server.conn.AppendClose(server.sent, 1001, "", time.Second))
		for len(server.sent)+len(masked.sent) > 0 {
			masked.receive(server.take())
			server.receive(masked.take())
		}
		for i, e := range ends {
			got := messagesOf(e.got)
			if code := wsproto.CloseCode(e.err); code != ws.StatusAbnormalClosure {
				t.Fatalf("%d has failed: %v", i, e.err)
			}
			if w := want[1-i]; strings.Join(got, "|") != strings.Join(w, "|") {
				t.Fatalf("%d received %q, sent were %q", i, got, w)
			}
			if phase := e.conn.Phase(0); phase != wsproto.PhaseShut && phase != wsproto.PhaseLinger {
				t.Fatalf("%d is %v", i, phase)
			}
		}
	})
}

func messagesOf(events []string) (messages []string) {
	for _, ev := range events {
		if strings.HasPrefix(ev, "text:") || strings.HasPrefix(ev, "binary:") {
			messages = append(messages, ev)
		}
	}
	return messages
}
