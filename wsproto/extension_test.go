package wsproto_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// runs is [wstest.Runs] as an Extension.
type runs struct{ wstest.Runs }

func (x *runs) BeginEncode(op ws.OpCode, size int64) byte { return x.Begin(size) }

var _ wsproto.Extension = (*runs)(nil)

// encodeAll encodes p with rooms of the given size.
func encodeAll(t testing.TB, p string, room int) string {
	x := &runs{}
	x.BeginEncode(ws.OpText, -1)
	var all []byte
	for src := []byte(p); ; {
		out, n, err := x.Encode(make([]byte, 0, room), src, true)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, out...)
		src = src[n:]
		if len(src) == 0 && len(out) < room {
			return string(all)
		}
	}
}

func TestReceiverDecodes(t *testing.T) {
	long := "\x01H" + strings.Repeat("\xffa", 40) + "\x02!" // 10,203 bytes
	longText := "H" + strings.Repeat("a", 255*40) + "!!"
	for _, tc := range []struct {
		name   string
		limits wsproto.Limits
		in     []byte
		want   string
		err    error
	}{
		{"one frame", wsproto.Limits{}, rsvFrame(4, text, true, "\x01H\x03a"), "text:Haaa", nil},
		{"message that is not encoded", wsproto.Limits{}, frame(text, true, "\x01H"), "text:\x01H", nil},
		{"fragments, cut inside a pair, with a ping between", wsproto.Limits{}, join(rsvFrame(4, text, false, "\x01H\x03"), frame(ping, true, "?"), frame(cont, false, ""), frame(cont, true, "a\x01!")), "ping:? | text:Haaa!", nil},
		{"a fragment whose output comes with the next", wsproto.Limits{}, join(rsvFrame(4, binary, false, "\x02"), frame(cont, true, "x")), "binary:xx", nil},
		{"empty message", wsproto.Limits{}, rsvFrame(4, text, true, ""), "text:", nil},
		{"output of exactly the rooms' sizes", wsproto.Limits{}, rsvFrame(4, binary, true, "\x40z"), "binary:" + strings.Repeat("z", 64), nil},
		{"more output than room, then another message", wsproto.Limits{}, join(rsvFrame(4, text, true, long), frame(text, true, "next")), "text:" + longText + " | text:next", nil},
		{"message that ends inside a pair", wsproto.Limits{}, rsvFrame(4, text, true, "\x01"), "", wstest.ErrRuns},
		{"U10: UTF-8 is judged after decoding", wsproto.Limits{}, rsvFrame(4, text, true, "\x01\xce\x01\xba\x09a"), "text:κ" + strings.Repeat("a", 9), nil},
		{"U10: bad text", wsproto.Limits{}, rsvFrame(4, text, true, "\x01a\x02\xce"), "open:a\xce", ws.ErrProtocolInvalidUTF8},
		{"U9: a bit that the extension does not own", wsproto.Limits{}, rsvFrame(6, text, true, "\x01a"), "", ws.ErrProtocolNonZeroRsv},
		{"U9: a bit on a continuation frame", wsproto.Limits{}, join(rsvFrame(4, text, false, "\x01a"), rsvFrame(4, cont, true, "")), "open:a", ws.ErrProtocolNonZeroRsv},
		{"U9: a bit on a control frame", wsproto.Limits{}, rsvFrame(4, ping, true, ""), "", ws.ErrProtocolNonZeroRsv},
		{"decoded limit n", wsproto.Limits{Decoded: 255}, rsvFrame(4, binary, true, "\xffz"), "binary:" + strings.Repeat("z", 255), nil},
		{"F3: decoded limit n+1", wsproto.Limits{Decoded: 254}, rsvFrame(4, binary, true, "\xffz"), "open:" + strings.Repeat("z", 254), wsproto.ErrMessageTooLarge},
		{"F3: many small fragments over the decoded limit", wsproto.Limits{Decoded: 300}, join(rsvFrame(4, binary, false, "\xffz"), frame(cont, false, "\xffz"), frame(cont, true, "\xffz")), "open:" + strings.Repeat("z", 300), wsproto.ErrMessageTooLarge},
		{"encoded message that is longer on the wire", wsproto.Limits{Message: 3}, rsvFrame(4, binary, true, "\x01a\x01b\x01c"), "binary:abc", nil},
		{"no more than an eighth and 64 bytes", wsproto.Limits{Message: 100}, rsvFrame(4, binary, true, strings.Repeat("\x01a", 89)), "", ws.ErrFrameTooLarge},
		{"in fragments too", wsproto.Limits{Message: 100}, join(rsvFrame(4, binary, false, strings.Repeat("\x01a", 60)), frame(cont, true, strings.Repeat("\x01b", 29))), "open:" + strings.Repeat("a", 60), wsproto.ErrMessageTooLarge},
		{"not where both limits are given", wsproto.Limits{Message: 3, Decoded: 3}, rsvFrame(4, binary, true, "\x01a\x01b"), "", ws.ErrFrameTooLarge},
		{"nor what is not encoded", wsproto.Limits{Message: 3}, frame(binary, true, "abcd"), "", ws.ErrFrameTooLarge},
		{"Message stands for Decoded too", wsproto.Limits{Message: 4}, rsvFrame(4, binary, true, "\x05z"), "open:zzzz", wsproto.ErrMessageTooLarge},
	} {
		for _, room := range []int{1, 2, 3, 64, 65, 4096} {
			if len(tc.want) > 1000 && room != 65 {
				continue
			}
			c := wsproto.Config{Limits: tc.limits}
			fresh := func() *wsproto.Receiver { return &wsproto.Receiver{Config: &c, Decoder: &runs{}} }
			got := feedEverySplit(t, fresh, room, tc.in)
			if events := strings.Join(got.events, " | "); events != tc.want || got.err != tc.err {
				t.Errorf("%s, room %d: %.200s, %v", tc.name, room, events, got.err)
			}
		}
	}
}

func TestReceiverAsksForRoom(t *testing.T) {
	r := &wsproto.Receiver{Decoder: &runs{}}
	in := rsvFrame(4, text, true, "\x02a")
	_, n, err := r.Next(in, nil)
	if err != wsproto.ErrRoom {
		t.Fatalf("without room: %v", err)
	}
	ev, _, err := r.Next(in[n:], make([]byte, 10))
	if err != nil || string(ev.Payload) != "aa" {
		t.Errorf("with room: %q, %v", ev.Payload, err)
	}
}

// lazy is a Decoder that never gets anywhere.
type lazy struct{ runs }

func (*lazy) Decode(dst, src []byte, fin bool) ([]byte, int, error) { return dst, 0, nil }

func TestReceiverDoesNotSpinOnALazyDecoder(t *testing.T) {
	r := &wsproto.Receiver{Decoder: &lazy{}}
	if _, _, err := r.Next(rsvFrame(4, text, true, "abc"), make([]byte, 10)); err == nil {
		t.Error("no error")
	}
}

func FuzzReceiver(f *testing.F) {
	f.Add(join(rsvFrame(4, text, false, "\x01H\x03"), frame(ping, true, "?"), frame(cont, true, "a")), 5, 9, 3)
	f.Add(join(frame(text, false, "\xce"), frame(cont, true, "\xba"), closing(1000, "bye")), 8, 8, 1)
	f.Add(join(frame(text, true, "whole"), frame(text, true, "a\xff"), frame(binary, true, "")), 8, 8, 1)
	f.Add(mustHex("82 fe 0080 00000000"), 1, 3, 100)
	c := wsproto.Config{Limits: wsproto.Limits{Message: 2000, Fragments: 20, Controls: 10}}
	f.Fuzz(func(t *testing.T, in []byte, i, j, room int) {
		if i < 0 || j < i || j > len(in) || room < 1 || room > 1000 {
			return
		}
		var single [][]byte
		for k := range in {
			single = append(single, in[k:k+1])
		}
		// Without a Decoder, messages that arrive whole take a path of their
		// own; byte by byte they cannot.
		for _, decoder := range []func() wsproto.Decoder{
			func() wsproto.Decoder { return nil },
			func() wsproto.Decoder { return &runs{} },
		} {
			fresh := func() *wsproto.Receiver { return &wsproto.Receiver{Config: &c, Decoder: decoder()} }
			want := feed(t, fresh(), room, single...).String()
			if got := feed(t, fresh(), room, in).String(); got != want {
				t.Fatalf("whole: %v, want %v", got, want)
			}
			if got := feed(t, fresh(), room, in[:i], in[i:j], in[j:]).String(); got != want {
				t.Fatalf("cut at %d, %d: %v, want %v", i, j, got, want)
			}
		}
	})
}

func FuzzExtension(f *testing.F) {
	f.Add("aaabccccccccccccc", 7, 5)
	f.Fuzz(func(t *testing.T, message string, encodeRoom, decodeRoom int) {
		if encodeRoom < 2 || encodeRoom > 1000 || decodeRoom < 1 || decodeRoom > 1000 || len(message) > 5000 {
			return
		}
		in := rsvFrame(4, binary, true, encodeAll(t, message, encodeRoom))
		got := feed(t, &wsproto.Receiver{Decoder: &runs{}}, decodeRoom, in)
		if got.err != nil || len(got.events) != 1 || got.events[0] != "binary:"+message {
			t.Fatalf("%v, want %q", got, message)
		}
	})
}

func TestAssembler(t *testing.T) {
	var a wsproto.Assembler
	var r wsproto.Receiver
	in := join(frame(text, true, "whole"), frame(text, false, "Hel"), frame(ping, true, ""), frame(cont, true, "lo"), frame(binary, true, ""))
	var got []string
	for rest := in; ; {
		ev, n, err := r.Next(rest, nil)
		if err != nil {
			break
		}
		rest = rest[n:]
		if ev.Op.IsControl() {
			continue
		}
		m, done := a.Add(ev)
		if !done {
			continue
		}
		if string(m) == "whole" && &m[0] != &ev.Payload[0] {
			t.Error("a message in one piece was copied")
		}
		got = append(got, string(m))
	}
	if want := "whole|Hello|"; strings.Join(got, "|") != want {
		t.Errorf("%q, want %q", got, want)
	}
	if b := a.Free(); !bytes.HasPrefix(b, []byte("Hello")) {
		t.Errorf("Free returned %q", b)
	}
	if a.Free() != nil {
		t.Error("Free returned the same memory twice")
	}
	a.Use(make([]byte, 5, 100))
	if m, done := a.Add(wsproto.Event{First: true, Payload: []byte("x")}); done || string(m) != "x" || cap(m) != 100 {
		t.Errorf("after Use: %q, %v, cap %d", m, done, cap(m))
	}
}
