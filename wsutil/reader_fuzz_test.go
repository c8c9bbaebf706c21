package wsutil_test

import (
	"bufio"
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// configOf is the Config of a Receiver that judges as r does.
func configOf(r *wsutil.Reader) wsproto.Config {
	none := func(n int64) int64 {
		if n <= 0 {
			return -1
		}
		return n
	}
	return wsproto.Config{
		State:    r.State,
		SkipUTF8: !r.CheckUTF8,
		Limits:   wsproto.Limits{Frame: none(r.MaxFrameSize), Message: none(r.MaxMessageSize), Fragments: -1, Controls: -1},
	}
}

// sameAsReceiver demands that Readers make of b what a Receiver does.
func sameAsReceiver(t *testing.T, b []byte, s ws.State, frame, message int64, decoder func() wsproto.Decoder) {
	t.Helper()
	want := receiveDecoded(b, configOf(&wsutil.Reader{State: s, CheckUTF8: true, MaxFrameSize: frame, MaxMessageSize: message}), decoder())
	for name, source := range map[string]io.Reader{
		"whole":          bytes.NewReader(b),
		"byte by byte":   iotest.OneByteReader(bytes.NewReader(b)),
		"data with EOF":  iotest.DataErrReader(bytes.NewReader(b)),
		"small buffer":   bufio.NewReaderSize(bytes.NewReader(b), 16),
		"buffered bytes": bufio.NewReader(iotest.OneByteReader(bytes.NewReader(b))),
	} {
		r := &wsutil.Reader{Source: source, State: s, CheckUTF8: true, MaxFrameSize: frame, MaxMessageSize: message, Decoder: decoder()}
		got := session(r, readSmall(1+len(b)%7))
		if got.withoutCutRune().String() != want.withoutCutRune().String() {
			t.Fatalf("%s, % x:\n got %v\nwant %v", name, b, got, want)
		}
	}
}

// withoutCutRune takes away a rune that a failed text ends inside of. A Reader
// keeps its last byte back, so that io.ReadFull notices the error.
func (r result) withoutCutRune() result {
	last := len(r.events) - 1
	if r.err != wsutil.ErrInvalidUTF8 || last < 0 {
		return r
	}
	text := r.events[last]
	for i := max(len(text)-utf8.UTFMax, 0); i < len(text); i++ {
		if utf8.RuneStart(text[i]) && !utf8.FullRuneInString(text[i:]) {
			text = text[:i]
		}
	}
	if text == "open:" {
		return result{r.events[:last], r.err}
	}
	return result{append(slices.Clone(r.events[:last]), text), r.err}
}

// sameMessages demands that ReadAppend makes of b what a Receiver does.
func sameMessages(t *testing.T, b []byte, s ws.State, frame, message int64, decoder func() wsproto.Decoder) {
	t.Helper()
	judge := &wsutil.Reader{State: s, CheckUTF8: true, MaxFrameSize: frame, MaxMessageSize: message}
	if message == 0 {
		judge.MaxMessageSize = wsutil.MaxMessageSize()
	}
	want := receiveDecoded(b, configOf(judge), decoder())
	if last := len(want.events) - 1; last >= 0 && strings.HasPrefix(want.events[last], "open:") {
		want.events = want.events[:last]
	}
	for name, source := range map[string]io.Reader{
		"whole":        bytes.NewReader(b),
		"byte by byte": iotest.OneByteReader(bytes.NewReader(b)),
		"buffered":     bufio.NewReader(bytes.NewReader(b)),
		"small buffer": bufio.NewReaderSize(bytes.NewReader(b), 16),
	} {
		r := &wsutil.Reader{Source: source, State: s, CheckUTF8: true, MaxFrameSize: frame, MaxMessageSize: message, Decoder: decoder()}
		var got result
		r.OnIntermediate = got.control
		for got.err == nil {
			p, op, err := r.ReadAppend([]byte("dst"))
			if err != nil {
				got.err = err
			} else {
				got.add(op, p[len("dst"):])
			}
		}
		if got.String() != want.String() {
			t.Fatalf("ReadAppend, %s, % x:\n got %v\nwant %v", name, b, got, want)
		}
	}
}

func FuzzReaderLikeReceiver(f *testing.F) {
	for _, tt := range sessionCases {
		f.Add(tt.in(ws.StateServerSide), true, uint16(0), uint16(0))
		f.Add(tt.in(ws.StateClientSide), false, uint16(4), uint16(6))
	}
	f.Add(runsSession(rand.New(rand.NewPCG(5, 6)), ws.StateServerSide), true, uint16(0), uint16(300))
	f.Add(runsSession(rand.New(rand.NewPCG(7, 8)), ws.StateClientSide), false, uint16(0), uint16(0))
	f.Fuzz(func(t *testing.T, b []byte, server bool, frame, message uint16) {
		s := ws.StateClientSide
		if server {
			s = ws.StateServerSide
		}
		for _, decoder := range []func() wsproto.Decoder{noDecoder, runsDecoder} {
			sameAsReceiver(t, b, s, int64(frame), int64(message), decoder)
			sameMessages(t, b, s, int64(frame), int64(message), decoder)
		}
	})
}

func noDecoder() wsproto.Decoder   { return nil }
func runsDecoder() wsproto.Decoder { return &runs{} }

// randomSession is what a peer could send that keeps to the rules nearly
// always.
func randomSession(rnd *rand.Rand, s ws.State) (b []byte) {
	text := []string{"", "a", "\u00e9", "\u20ac", "\xe2\x82", "\xac", "\U0001f600", "plain text, and some more of it to be longer", string(make([]byte, 200))}
	open := false
	for range rnd.IntN(12) {
		p := text[rnd.IntN(len(text))] + text[rnd.IntN(3)]
		fin := rnd.IntN(3) > 0
		switch {
		case rnd.IntN(40) == 0:
			b = append(b, rsvFrame(s, byte(rnd.IntN(8)), ws.OpCode(rnd.IntN(16)), fin, p)...)
		case rnd.IntN(3) == 0:
			b = append(b, peerFrame(s, ws.OpPing+ws.OpCode(rnd.IntN(2)), true, p[:min(len(p), 125)])...)
		case rnd.IntN(20) == 0:
			b = append(b, peerFrame(s, ws.OpClose, true, closeBody(1000, p))...)
		case open:
			b = append(b, peerFrame(s, ws.OpContinuation, fin, p)...)
			open = !fin
		default:
			b = append(b, peerFrame(s, ws.OpText+ws.OpCode(rnd.IntN(2)), fin, p)...)
			open = !fin
		}
	}
	if rnd.IntN(4) == 0 {
		b = b[:rnd.IntN(len(b)+1)]
	}
	return b
}

func TestReaderGivesTheEventsOfReceiver(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		s := ws.StateServerSide
		if rnd.IntN(2) == 0 {
			s = ws.StateClientSide
		}
		b := randomSession(rnd, s)
		frame, message := int64(rnd.IntN(3)*rnd.IntN(300)), int64(rnd.IntN(3)*rnd.IntN(500))
		sameAsReceiver(t, b, s, frame, message, noDecoder)
		sameMessages(t, b, s, frame, message, noDecoder)

		b = runsSession(rnd, s)
		sameAsReceiver(t, b, s, frame, message, runsDecoder)
		sameMessages(t, b, s, frame, message, runsDecoder)
	}
}
