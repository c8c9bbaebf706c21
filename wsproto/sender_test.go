package wsproto_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// newSender returns a Sender with room in its config for a client's keys.
func newSender(masked bool, e wsproto.Encoder) *wsproto.Sender {
	c := &wsproto.Config{}
	if masked {
		c.State, c.Mask = ws.StateClientSide, keys()
	}
	return &wsproto.Sender{Config: c, Encoder: e}
}

// 5.7: the RFC's examples.
func TestSenderVectors(t *testing.T) {
	rfcKey := &wsproto.Config{State: ws.StateClientSide, Mask: func() [4]byte { return [4]byte{0x37, 0xfa, 0x21, 0x3d} }}
	hello := []byte("Hello")
	for _, tc := range []struct {
		name   string
		config *wsproto.Config
		send   func(s *wsproto.Sender, dst []byte) ([]byte, error)
		want   string
	}{
		{"a single-frame unmasked text message", nil, func(s *wsproto.Sender, dst []byte) ([]byte, error) {
			return s.AppendMessage(dst, ws.OpText, hello)
		}, "81 05 48 65 6c 6c 6f"},
		{"a single-frame masked text message", rfcKey, func(s *wsproto.Sender, dst []byte) ([]byte, error) {
			return s.AppendMessage(dst, ws.OpText, hello)
		}, "81 85 37 fa 21 3d 7f 9f 4d 51 58"},
		{"a fragmented unmasked text message", nil, func(s *wsproto.Sender, dst []byte) ([]byte, error) {
			s.BeginMessage(ws.OpText, -1)
			dst, _ = s.AppendFragment(dst, hello[:3], false)
			return s.AppendFragment(dst, hello[3:], true)
		}, "01 03 48 65 6c 80 02 6c 6f"},
		{"unmasked ping", nil, func(s *wsproto.Sender, dst []byte) ([]byte, error) {
			return s.AppendPing(dst, hello)
		}, "89 05 48 65 6c 6c 6f"},
		{"masked pong for it", rfcKey, func(s *wsproto.Sender, dst []byte) ([]byte, error) {
			return s.AppendAnswer(dst, wsproto.Event{Op: ping, First: true, Last: true, Payload: hello}, nil, 0), nil
		}, "8a 85 37 fa 21 3d 7f 9f 4d 51 58"},
		{"pong that nobody has asked for", nil, func(s *wsproto.Sender, dst []byte) ([]byte, error) {
			return s.AppendPong(dst, nil)
		}, "8a 00"},
		{"256 bytes binary", nil, func(s *wsproto.Sender, dst []byte) ([]byte, error) {
			return s.AppendMessage(dst, ws.OpBinary, make([]byte, 256))
		}, "82 7e 0100" + strings.Repeat("00", 256)},
		{"64 KiB binary", nil, func(s *wsproto.Sender, dst []byte) ([]byte, error) {
			return s.AppendMessage(dst, ws.OpBinary, make([]byte, 65536))
		}, "82 7f 0000000000010000" + strings.Repeat("00", 65536)},
		{"header alone", nil, func(s *wsproto.Sender, dst []byte) ([]byte, error) {
			dst, h, err := s.AppendMessageHeader(dst, ws.OpBinary, math.MaxInt64)
			if h.Masked || h.Length != math.MaxInt64 {
				return nil, fmt.Errorf("header %+v", h)
			}
			return dst, err
		}, "82 7f 7fffffffffffffff"},
		{"header alone, payload masked by the caller", rfcKey, func(s *wsproto.Sender, dst []byte) ([]byte, error) {
			dst, h, err := s.AppendMessageHeader(dst, ws.OpText, 5)
			return ws.AppendCipher(dst, hello, h.Mask, 0), err
		}, "81 85 37 fa 21 3d 7f 9f 4d 51 58"},
	} {
		got, err := tc.send(&wsproto.Sender{Config: tc.config}, []byte("front"))
		if want := append([]byte("front"), mustHex(tc.want)...); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %.80x, %v\n want %.80x", tc.name, got, err, want)
		}
	}
	if string(hello) != "Hello" {
		t.Errorf("the payload became %q", hello)
	}
}

func TestSenderFragments(t *testing.T) {
	type piece struct {
		p    string
		last bool
	}
	for _, tc := range []struct {
		name   string
		pieces []piece
		want   string
	}{
		{"of one", []piece{{"a", true}}, "81 01 61"},
		{"of two", []piece{{"a", false}, {"b", true}}, "01 01 61 80 01 62"},
		{"empty end", []piece{{"a", false}, {"", true}}, "01 01 61 80 00"},
		{"nothing at all", []piece{{"", true}}, "81 00"},
		{"empty pieces are left out", []piece{{"", false}, {"a", false}, {"", false}, {"", false}, {"b", true}}, "01 01 61 80 01 62"},
	} {
		var s wsproto.Sender
		if err := s.BeginMessage(ws.OpText, -1); err != nil {
			t.Fatal(err)
		}
		var out []byte
		var err error
		for _, p := range tc.pieces {
			if out, err = s.AppendFragment(out, []byte(p.p), p.last); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(out, mustHex(tc.want)) {
			t.Errorf("%s: %x, want %s", tc.name, out, tc.want)
		}
		s.BeginMessage(ws.OpBinary, -1)
		out, _ = s.AppendFragment(nil, []byte("c"), false)
		if out, err = s.AppendFragment(out, nil, true); err != nil || !bytes.Equal(out, mustHex("02 01 63 80 00")) {
			t.Errorf("%s: the next fragments are %x, %v", tc.name, out, err)
		}
		if out, err = s.AppendMessage(nil, ws.OpBinary, nil); err != nil || !bytes.Equal(out, mustHex("82 00")) {
			t.Errorf("%s: the next message is %x, %v", tc.name, out, err)
		}
	}
}

func TestControlFramesGoBetweenFragments(t *testing.T) {
	s := newSender(true, nil)
	s.BeginMessage(ws.OpText, 4)
	out, _ := s.AppendFragment(nil, []byte("ab"), false)
	out, err := s.AppendPing(out, []byte("?"))
	if err != nil {
		t.Fatal(err)
	}
	out = s.AppendAnswer(out, wsproto.Event{Op: ping, First: true, Last: true, Payload: []byte("!")}, nil, 0)
	out, _ = s.AppendFragment(out, []byte("cd"), true)
	if got, want := feed(t, &wsproto.Receiver{}, 0, out), `["ping:?" "pong:!" "text:abcd"] <nil>`; got.String() != want {
		t.Errorf("%v, want %s", got, want)
	}
}

// What is refused appends nothing and breaks nothing.
func TestSenderRefuses(t *testing.T) {
	type call struct {
		name string
		f    func(s *wsproto.Sender, dst []byte) ([]byte, error)
	}
	message := func(op ws.OpCode) call {
		return call{fmt.Sprint("message ", op), func(s *wsproto.Sender, dst []byte) ([]byte, error) { return s.AppendMessage(dst, op, nil) }}
	}
	begin := func(op ws.OpCode) call {
		return call{fmt.Sprint("begin ", op), func(s *wsproto.Sender, dst []byte) ([]byte, error) { return dst, s.BeginMessage(op, -1) }}
	}
	header := call{"header", func(s *wsproto.Sender, dst []byte) ([]byte, error) {
		out, _, err := s.AppendMessageHeader(dst, text, 1)
		return out, err
	}}
	prepared := call{"prepared", func(s *wsproto.Sender, dst []byte) ([]byte, error) { return s.AppendPrepared(dst, []byte("\x81\x00")) }}
	ready := call{"Ready", func(s *wsproto.Sender, dst []byte) ([]byte, error) { return dst, s.Ready() }}
	fragment := call{"fragment", func(s *wsproto.Sender, dst []byte) ([]byte, error) { return s.AppendFragment(dst, []byte("x"), true) }}
	longPing := call{"ping of 126 bytes", func(s *wsproto.Sender, dst []byte) ([]byte, error) { return s.AppendPing(dst, make([]byte, 126)) }}

	for _, tc := range []struct {
		state string
		calls []call
		want  error
	}{
		{"open", []call{message(cont), message(ping), message(closeF), message(3), begin(cont), begin(pong)}, wsproto.ErrMessageOpCode},
		{"open", []call{fragment}, wsproto.ErrNoMessage},
		{"open", []call{longPing}, wsproto.ErrControlTooLong},
		{"inside a message", []call{message(text), begin(text), header, prepared, ready}, wsproto.ErrMessageOpen},
		{"inside a message", []call{longPing}, wsproto.ErrControlTooLong},
		{"closing", []call{message(text), message(ping), begin(text), header, prepared, ready, fragment, longPing}, wsproto.ErrClosed},
	} {
		for _, c := range tc.calls {
			s := &wsproto.Sender{}
			switch tc.state {
			case "inside a message":
				s.BeginMessage(ws.OpText, -1)
			case "closing":
				s.AppendClose(nil, 1000, "", 0)
			}
			before := *s
			out, err := c.f(s, []byte("front"))
			if err != tc.want || string(out) != "front" || *s != before {
				t.Errorf("%s, %s: %q, %v, want %v; state changed: %v", tc.state, c.name, out, err, tc.want, *s != before)
			}
			if wantErr := map[bool]error{true: wsproto.ErrClosed}[tc.state == "closing"]; s.Err() != wantErr {
				t.Errorf("%s: Err() = %v", tc.state, s.Err())
			}
		}
	}
}

func TestAClientMasksWithKeysOfItsOwnWithoutConfigMask(t *testing.T) {
	s := wsproto.Sender{Config: &client}
	first, _ := s.AppendMessage(nil, ws.OpText, []byte("Hello"))
	second, _ := s.AppendMessage(nil, ws.OpText, []byte("Hello"))
	if bytes.Equal(first, second) || bytes.Equal(first[2:6], make([]byte, 4)) {
		t.Errorf("%x and %x: the same key, or none", first, second)
	}
	if got, want := feed(t, &wsproto.Receiver{}, 0, append(first, second...)), `["text:Hello" "text:Hello"] <nil>`; got.String() != want {
		t.Errorf("%v, want %s", got, want)
	}
}

func TestEveryFrameHasAKeyOfItsOwn(t *testing.T) {
	s := newSender(true, nil)
	out, _ := s.AppendMessage(nil, ws.OpText, nil)
	s.BeginMessage(ws.OpText, -1)
	out, _ = s.AppendFragment(out, []byte{0}, false)
	out, _ = s.AppendPing(out, nil)
	out, _ = s.AppendFragment(out, nil, true)
	out, _ = s.AppendClose(out, 0, "", 0)
	if want := mustHex("8180 01010101 0181 02020202 02 8980 03030303 8080 04040404 8880 05050505"); !bytes.Equal(out, want) {
		t.Errorf("%x\nwant %x", out, want)
	}
}

// A Sender's frames are those of package ws: its plain twin.
func FuzzSender(f *testing.F) {
	f.Add("Hello", true, false, 2)
	f.Add(strings.Repeat("x", 70000), false, true, 30000)
	f.Fuzz(func(t *testing.T, p string, isText, masked bool, cut int) {
		op := ws.OpBinary
		if isText {
			op = ws.OpText
		}
		next := keys()
		want := func(op ws.OpCode, fin bool, p string) []byte {
			f := ws.NewFrame(op, fin, []byte(p))
			if masked {
				f = ws.MaskFrameWith(f, next())
			}
			return ws.AppendFrame(nil, f)
		}
		s := newSender(masked, nil)
		got, err := s.AppendMessage(nil, op, []byte(p))
		if w := want(op, true, p); err != nil || !bytes.Equal(got, w) {
			t.Fatalf("%x, %v, want %x", got, err, w)
		}
		if cut < 1 || cut > len(p) {
			return
		}
		s.BeginMessage(op, int64(len(p)))
		got, _ = s.AppendFragment(nil, []byte(p[:cut]), false)
		got, err = s.AppendFragment(got, []byte(p[cut:]), true)
		if w := append(want(op, false, p[:cut]), want(cont, true, p[cut:])...); err != nil || !bytes.Equal(got, w) {
			t.Fatalf("fragments: %x, %v, want %x", got, err, w)
		}
	})
}

func TestPrepared(t *testing.T) {
	frame := ws.AppendFrame(nil, ws.NewTextFrame([]byte("to everybody")))
	before := string(frame)
	server, masked := newSender(false, nil), newSender(true, nil)
	for range 2 {
		out, err := server.AppendPrepared([]byte("front"), frame)
		if err != nil || string(out) != "front\x81\x0cto everybody" {
			t.Errorf("%q, %v", out, err)
		}
		out, err = masked.AppendPrepared(nil, frame)
		if got := feed(t, &wsproto.Receiver{}, 0, out); err != nil || got.String() != `["text:to everybody"] <nil>` {
			t.Errorf("a client's: %v, %v", got, err)
		}
	}
	if string(frame) != before {
		t.Errorf("the frame became %q", frame)
	}
	for name, bad := range map[string]string{
		"nothing":                      "",
		"half a header":                "81",
		"too little":                   "81 02 61",
		"too much":                     "81 01 61 62",
		"a fragment":                   "01 01 61",
		"the end of others":            "80 01 61",
		"a control frame":              "89 00",
		"masked":                       "81 80 00000000",
		"an RSV bit":                   "c1 01 61",
		"a length that is not minimal": "81 7e 0001 61",
	} {
		for _, s := range []*wsproto.Sender{server, masked} {
			if out, err := s.AppendPrepared([]byte("front"), mustHex(bad)); err != wsproto.ErrPrepared || string(out) != "front" {
				t.Errorf("%s: %q, %v", name, out, err)
			}
		}
	}
}

func TestSenderDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	p := bytes.Repeat([]byte("x"), 200)
	m := ws.AppendFrame(nil, ws.NewTextFrame(p))
	reason := strings.Repeat("é", 100)
	for _, masked := range []bool{false, true} {
		dst := make([]byte, 0, 2000)
		config := newSender(masked, nil).Config
		if n := testing.AllocsPerRun(100, func() {
			s := wsproto.Sender{Config: config}
			dst, _ = s.AppendMessage(dst[:0], ws.OpText, p)
			dst, _ = s.AppendPrepared(dst, m)
			s.BeginMessage(ws.OpText, -1)
			dst, _ = s.AppendFragment(dst, p, false)
			dst = s.AppendAnswer(dst, wsproto.Event{Op: ping, Payload: p[:125]}, nil, 0)
			dst, _ = s.AppendPing(dst, p[:5])
			dst, _ = s.AppendFragment(dst, p, true)
			dst, _ = s.AppendClose(dst, 1000, reason, 0)
			dst = s.AppendAnswer(dst, wsproto.Event{}, ws.ErrProtocolMaskRequired, 0)
		}); n != 0 {
			t.Errorf("masked %v: %v allocations", masked, n)
		}
	}
}

func TestSenderGrowsItsDestinationOnceIfAtAll(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, size := range []int{0, 125, 126, 65535, 65536} {
		p := make([]byte, size)
		for _, masked := range []bool{false, true} {
			s := newSender(masked, nil)
			exact := make([]byte, 0, ws.HeaderSize(ws.Header{Masked: masked, Length: int64(size)})+size)
			for _, tc := range []struct {
				dst  []byte
				want float64
			}{{nil, 1}, {exact, 0}} {
				if n := testing.AllocsPerRun(10, func() { s.AppendMessage(tc.dst, ws.OpBinary, p) }); n != tc.want {
					t.Errorf("%d bytes, masked %v, room for %d: %v allocations, want %v", size, masked, cap(tc.dst), n, tc.want)
				}
			}
		}
	}
}

func BenchmarkSender(b *testing.B) {
	for _, size := range []int{16, 128, 4096, 65536} {
		for _, masked := range []bool{false, true} {
			b.Run(fmt.Sprintf("%d/masked=%v", size, masked), func(b *testing.B) {
				s := newSender(masked, nil)
				p, dst := make([]byte, size), make([]byte, 0, size+14)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					dst, _ = s.AppendMessage(dst[:0], ws.OpBinary, p)
				}
			})
		}
	}
}
