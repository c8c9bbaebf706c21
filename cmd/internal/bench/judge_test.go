package bench

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

func testOptions(change func(*Options)) Options {
	o := Default()
	o.URL = &url.URL{Scheme: "ws", Host: "127.0.0.1:1"}
	if change != nil {
		change(&o)
	}
	return o
}

// judged gives a judge the bytes in two parts and then byte by byte, and returns
// what it says, which has to be the same.
func judged(t *testing.T, s *script, from int, d func() wsproto.Decoder, stream []byte) (done int, err error) {
	t.Helper()
	var cuts [][][]byte
	for i := 0; i <= len(stream); i += 1 + i/64 {
		cuts = append(cuts, [][]byte{stream[:i], stream[i:]})
	}
	var single [][]byte
	for i := range stream {
		single = append(single, stream[i:i+1])
	}
	for i, parts := range append(cuts, single) {
		j := newJudge(s, from, d())
		n := 0
		var e error
		for _, part := range parts {
			k, failed := j.next(bytes.Clone(part), make([]byte, 512), func(wsproto.Event) {})
			n += k
			if failed != nil {
				e = failed
				break
			}
		}
		if i == 0 {
			done, err = n, e
		} else if n != done || (e == nil) != (err == nil) || e != nil && e.Error() != err.Error() {
			t.Fatalf("cut %d: %d messages, %v; want %d, %v", i, n, e, done, err)
		}
	}
	return done, err
}

func noDecoder() wsproto.Decoder { return nil }

func TestRightAnswersAreFoundRightHoweverTheyAreSentAndCut(t *testing.T) {
	for _, size := range []int{0, 1, 125, 126, 700} {
		s := newScript(testOptions(func(o *Options) { o.Size = size }))
		from := len(s.plain) - 2
		deflate := wsflate.New(ws.StateServerSide, wsflate.Parameters{ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}, &wsflate.Options{Threshold: -1})
		sender := wsproto.Sender{Encoder: deflate.Encoder()}
		var whole, fragments, pinged, packed []byte
		const messages = 5
		for i := range messages {
			p := s.plain[(from+i)%len(s.plain)]
			whole = ws.AppendFrame(whole, ws.NewBinaryFrame(p))
			pinged = ws.AppendFrame(ws.AppendFrame(pinged, ws.NewPingFrame([]byte("?"))), ws.NewBinaryFrame(p))
			fragments = ws.AppendFrame(fragments, ws.NewFrame(ws.OpBinary, false, p[:size/2]))
			fragments = ws.AppendFrame(fragments, ws.NewPongFrame(nil))
			fragments = ws.AppendFrame(fragments, ws.NewFrame(ws.OpContinuation, true, p[size/2:]))
			packed, _ = sender.AppendMessage(packed, ws.OpBinary, p)
		}
		decoder := func() wsproto.Decoder {
			return wsflate.New(ws.StateClientSide, wsflate.Parameters{ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}, nil).Decoder()
		}
		unforeseen := *s
		unforeseen.answer, unforeseen.answerEnds = nil, nil
		for _, c := range []struct {
			name    string
			script  *script
			decoder func() wsproto.Decoder
			stream  []byte
		}{
			{"whole", s, noDecoder, whole}, {"fragments", s, noDecoder, fragments}, {"with pings", s, noDecoder, pinged},
			{"compressed", &unforeseen, decoder, packed},
		} {
			if n, err := judged(t, c.script, from, c.decoder, c.stream); n != messages || err != nil {
				t.Errorf("%d bytes, %s: %d messages, %v", size, c.name, n, err)
			}
		}
	}
}

func TestLiesAreFound(t *testing.T) {
	s := newScript(testOptions(func(o *Options) { o.Size = 40 }))
	p := s.plain
	frame := func(f ws.Frame) []byte { return ws.AppendFrame(nil, f) }
	changed := func(at int) []byte {
		b := frame(ws.NewBinaryFrame(p[1]))
		b[at] ^= 1
		return b
	}
	first := frame(ws.NewBinaryFrame(p[0]))
	for name, c := range map[string]struct {
		second []byte
		want   string
	}{
		"the first byte":    {changed(2), "message 1: byte 0 came back as"},
		"the last byte":     {changed(41), "message 1: byte 39 came back as"},
		"another type":      {frame(ws.NewTextFrame(p[1])), "came back as text"},
		"a shorter message": {frame(ws.NewBinaryFrame(p[1][:39])), "came back with 39 of its 40 bytes"},
		"a longer message":  {frame(ws.NewBinaryFrame(append(bytes.Clone(p[1]), 0))), "came back longer than the 40 bytes"},
		"a masked frame":    {frame(ws.MaskFrame(ws.NewBinaryFrame(p[1]))), "mask"},
		"a reserved bit":    {frame(ws.Frame{Header: ws.Header{Fin: true, Rsv: 4, OpCode: ws.OpBinary, Length: 40}, Payload: p[1]}), "RSV"},
		"a doubled message": {first, "message 1: byte 0 came back as"},
		"a lost message":    {frame(ws.NewBinaryFrame(p[2])), "message 1: byte 0 came back as"},
	} {
		n, err := judged(t, s, 0, noDecoder, append(bytes.Clone(first), c.second...))
		if n != 1 || err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(c.want)) {
			t.Errorf("%s: %d messages, %v; want 1 and %q", name, n, err, c.want)
		}
	}
}

func TestEveryKindOfPayloadIsWhatItSays(t *testing.T) {
	for _, kind := range Kinds() {
		seen := make(map[string]bool)
		for _, size := range []int{1, 2, 3, 31, 100, 101, 102, 103, 5000} {
			for number := range 3 {
				p := newPayload(kind, size, number)
				if len(p) != size {
					t.Fatalf("%s: %d bytes, want %d", kind, len(p), size)
				}
				if kind != "binary" && !utf8.Valid(p) {
					t.Errorf("%s of %d bytes is not UTF-8", kind, size)
				}
				if kind == "json" && !json.Valid(p) {
					t.Errorf("no JSON: %s", p)
				}
				if !bytes.Equal(p, newPayload(kind, size, number)) {
					t.Errorf("%s of %d bytes is another one each time", kind, size)
				}
				if size == 5000 {
					seen[string(p)] = true
				}
			}
		}
		if len(seen) != 3 {
			t.Errorf("%s: %d of 3 messages differ", kind, len(seen))
		}
	}
}
