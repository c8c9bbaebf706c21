package differential

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsutil"
)

func TestMain(m *testing.M) {
	wsutil.SetMaxMessageSize(limit)
	os.Exit(m.Run())
}

// allAgree demands that every shell makes of in what package wsproto does, whole
// and in every way to be cut.
func allAgree(t *testing.T, s setting, in []byte) {
	t.Helper()
	want := byWsproto(t, s, [][]byte{in})
	again := func(more []byte) outcome { return byWsproto(t, s, [][]byte{in, more}) }
	for how, pieces := range ways(in) {
		if got := byWsproto(t, s, pieces); got.String() != want.String() {
			t.Fatalf("wsproto, %s, % x:\n got %v\nwant %v", how, in, got, want)
		}
		for _, shell := range shells {
			if !shell.does(s) {
				continue
			}
			got := shell.run(t, s, pieces)
			if want, ok := excused(shell.name, got, want, again); !ok {
				t.Fatalf("%s, %s, % x:\n got %v\nwant %v", shell.name, how, in, got, want)
			}
		}
	}
}

// ways yields in whole, byte by byte, and cut at every place; if it is long, at
// places that are spread over it.
func ways(in []byte) func(yield func(string, [][]byte) bool) {
	if len(in) <= 64 {
		return wstest.Splits(in)
	}
	return func(yield func(string, [][]byte) bool) {
		bytewise := slices.Collect(slices.Chunk(in, 1))
		if !yield("whole", [][]byte{in}) || !yield("byte by byte", bytewise) {
			return
		}
		for at := 1; at < len(in); at += 1 + len(in)/16 {
			if !yield(fmt.Sprint("cut at ", at), [][]byte{in[:at], in[at:]}) {
				return
			}
		}
	}
}

// settings are the four kinds of connection.
func settings() []setting {
	return []setting{
		{ws.StateServerSide, false}, {ws.StateServerSide, true},
		{ws.StateClientSide, false}, {ws.StateClientSide, true},
	}
}

// session is what a peer may send to a connection, in frames.
type session struct {
	name   string
	frames []wstest.BadFrame
}

func frame(op ws.OpCode, fin bool, p string) wstest.BadFrame {
	return wstest.BadFrame{OpCode: byte(op), Fin: fin, Payload: []byte(p)}
}

// with changes one thing about a frame.
func with(f wstest.BadFrame, change func(f *wstest.BadFrame)) wstest.BadFrame {
	change(&f)
	return f
}

// bytes returns the session as it arrives at side.
func (s session) bytes(side ws.State) (b []byte) {
	for _, f := range s.frames {
		if f.Length == 0 {
			f.Length = uint64(len(f.Payload))
		}
		if f.LengthBytes == 0 {
			f.LengthBytes = 1
			if f.Length > 125 {
				f.LengthBytes = 2
			}
		}
		if side == ws.StateServerSide && !f.Masked {
			f.Masked, f.Mask = true, [4]byte{0x37, 0xfa, 0x21, 0x3d}
			f.Payload = slices.Clone(f.Payload)
			ws.Cipher(f.Payload, f.Mask, 0)
		}
		b = f.Append(b)
	}
	return b
}

func sessions() []session {
	const text, binary, cont, ping, pong, closed = ws.OpText, ws.OpBinary, ws.OpContinuation, ws.OpPing, ws.OpPong, ws.OpClose
	long := string(make([]byte, limit))
	all := []session{
		{"nothing", nil},
		{"messages", []wstest.BadFrame{frame(text, true, "one"), frame(binary, true, ""), frame(text, true, "\u00e9\u20ac")}},
		{"fragments and pings", []wstest.BadFrame{frame(text, false, "Hel"), frame(ping, true, "?"), frame(cont, false, ""), frame(ping, true, "!"), frame(cont, true, "lo")}},
		{"pongs", []wstest.BadFrame{frame(pong, true, "x"), frame(text, true, "y")}},
		{"close and more", []wstest.BadFrame{frame(text, true, "a"), frame(closed, true, "\x03\xe8bye"), frame(text, true, "late")}},
		{"close without a code", []wstest.BadFrame{frame(closed, true, "")}},
		{"close inside of a message", []wstest.BadFrame{frame(text, false, "a"), frame(closed, true, "\x0f\xa0")}},
		{"close with half a code", []wstest.BadFrame{frame(closed, true, "\x03")}},
		{"close with a code of nobody", []wstest.BadFrame{frame(closed, true, "\x03\xed")}},
		{"close with a bad reason", []wstest.BadFrame{frame(closed, true, "\x03\xe8\xff")}},
		{"ping, then a violation", []wstest.BadFrame{frame(ping, true, "a"), frame(3, true, "")}},
		{"bad UTF-8", []wstest.BadFrame{frame(text, true, "a"), frame(text, true, "b\xffc"), frame(ping, true, "")}},
		{"bad UTF-8 in fragments", []wstest.BadFrame{frame(text, false, "a\xe2"), frame(ping, true, ""), frame(cont, false, "\x82"), frame(cont, true, "b")}},
		{"half a rune at the end", []wstest.BadFrame{frame(text, true, "a\xe2\x82")}},
		{"continuation of nothing", []wstest.BadFrame{frame(cont, true, "a")}},
		{"message inside of a message", []wstest.BadFrame{frame(text, false, "a"), frame(text, true, "b")}},
		{"fragmented ping", []wstest.BadFrame{frame(ping, false, "a")}},
		{"long ping", []wstest.BadFrame{frame(ping, true, long[:126])}},
		{"at the limit", []wstest.BadFrame{frame(binary, true, long)}},
		{"over the limit", []wstest.BadFrame{frame(text, true, "a"), frame(binary, true, long+"x")}},
		{"over the limit in fragments", []wstest.BadFrame{frame(binary, false, long[:200]), frame(cont, true, long[:101])}},
		{"bit 1", []wstest.BadFrame{with(frame(text, true, "a"), func(f *wstest.BadFrame) { f.Rsv = 4 })}},
		{"bit 3", []wstest.BadFrame{with(frame(text, true, "a"), func(f *wstest.BadFrame) { f.Rsv = 1 })}},
		{"long form of a short length", []wstest.BadFrame{with(frame(text, true, "a"), func(f *wstest.BadFrame) { f.LengthBytes = 2 })}},
		{"length with the top bit", []wstest.BadFrame{{Fin: true, OpCode: 2, Length: 1 << 63, LengthBytes: 8}}},
		{"a header that declares everything", []wstest.BadFrame{{Fin: true, OpCode: 2, Length: 1<<63 - 1, LengthBytes: 8}}},
		{"a message without its end", []wstest.BadFrame{frame(text, true, "a"), with(frame(text, true, "b"), func(f *wstest.BadFrame) { f.Length = 5 })}},
	}
	return append(all, deflated()...)
}

// deflated are sessions whose messages are compressed.
func deflated() []session {
	compressed := func(p []byte) []byte {
		x := wsflate.New(ws.StateClientSide, wsflate.Parameters{}, &wsflate.Options{Threshold: 1})
		return x.Encoder().AppendMessage(nil, p)
	}
	coded := func(op ws.OpCode, fin bool, p []byte) wstest.BadFrame {
		return wstest.BadFrame{OpCode: byte(op), Rsv: 4, Fin: fin, Payload: p}
	}
	hello, zeros := compressed([]byte("Hello Hello Hello")), compressed(make([]byte, 2*limit))
	return []session{
		{"compressed", []wstest.BadFrame{coded(ws.OpText, true, hello), coded(ws.OpText, false, hello[:3]), frame(ws.OpPing, true, ""), frame(ws.OpContinuation, true, string(hello[3:]))}},
		{"inflates over the limit", []wstest.BadFrame{coded(ws.OpBinary, true, zeros)}},
		{"compressed text that is not UTF-8", []wstest.BadFrame{coded(ws.OpText, true, compressed([]byte("a\xff")))}},
		{"cannot be inflated", []wstest.BadFrame{coded(ws.OpText, true, []byte("\xff\xff\xff"))}},
		{"ends inside of a block", []wstest.BadFrame{coded(ws.OpText, true, hello[:4])}},
		{"nothing to inflate", []wstest.BadFrame{coded(ws.OpText, true, nil)}},
		{"compressed ping", []wstest.BadFrame{coded(ws.OpPing, true, hello)}},
		{"compressed continuation", []wstest.BadFrame{coded(ws.OpText, false, hello[:3]), coded(ws.OpContinuation, true, hello[3:])}},
	}
}

func TestShellsAgree(t *testing.T) {
	for _, c := range sessions() {
		for _, s := range settings() {
			t.Run(fmt.Sprintf("%s/%+v", c.name, s), func(t *testing.T) { allAgree(t, s, c.bytes(s.side)) })
		}
	}
}

func FuzzShellsAgree(f *testing.F) {
	for _, c := range sessions() {
		for i, s := range settings() {
			f.Add(c.bytes(s.side), uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, in []byte, which uint8) {
		if len(in) > 1000 {
			return
		}
		all := settings()
		allAgree(t, all[int(which)%len(all)], in)
	})
}
