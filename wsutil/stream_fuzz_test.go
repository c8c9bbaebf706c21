package wsutil_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// streamLikeReceiver demands that Streams with buffers of any size make of b the
// messages that a Receiver does, and answer its pings and its close.
func streamLikeReceiver(t *testing.T, b []byte, s ws.State, size int, decoder func() wsproto.Decoder) {
	t.Helper()
	want := receiveDecoded(b, helperConfig(s), decoder())
	for name, source := range map[string]io.Reader{
		"whole":        bytes.NewReader(b),
		"byte by byte": iotest.OneByteReader(bytes.NewReader(b)),
		"halves":       iotest.HalfReader(bytes.NewReader(b)),
	} {
		var answers bytes.Buffer
		stream := wsutil.NewStream(struct {
			io.Reader
			io.Writer
		}{source, &answers}, s, size)
		if x, ok := decoder().(wsproto.Extension); ok {
			stream.SetExtension(x)
		}
		var got result
		var closed wsutil.ClosedError
		for got.err == nil {
			var p []byte
			var op ws.OpCode
			if p, op, got.err = stream.ReadMessage(); got.err == nil {
				got.add(op, p)
			}
		}
		if errors.As(got.err, &closed) {
			got.err = io.EOF
		}
		var messages []string
		pings := 0
		for _, e := range want.events {
			switch {
			case strings.HasPrefix(e, "ping:"):
				pings++
			case strings.HasPrefix(e, "text:"), strings.HasPrefix(e, "binary:"):
				messages = append(messages, e)
			}
		}
		if wanted := (result{messages, want.err}); got.String() != wanted.String() {
			t.Fatalf("%s, buffer of %d, % x:\n got %v\nwant %v", name, size, b, got, wanted)
		}
		pongs := 0
		for _, e := range received(s, answers.Bytes()).events {
			if strings.HasPrefix(e, "pong:") {
				pongs++
			}
		}
		if pongs != pings {
			t.Fatalf("%s: %d pongs for %d pings", name, pongs, pings)
		}
	}
}

func TestStreamGivesTheMessagesOfReceiver(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 1500 {
		s := ws.StateServerSide
		if rnd.IntN(2) == 0 {
			s = ws.StateClientSide
		}
		streamLikeReceiver(t, randomSession(rnd, s), s, 1+rnd.IntN(100), noDecoder)
		streamLikeReceiver(t, runsSession(rnd, s), s, 1+rnd.IntN(100), runsDecoder)
	}
}

func FuzzStreamLikeReceiver(f *testing.F) {
	for _, tt := range sessionCases {
		f.Add(tt.in(ws.StateServerSide), true, 16)
		f.Add(tt.in(ws.StateClientSide), false, 3)
	}
	f.Add(runsSession(rand.New(rand.NewPCG(5, 6)), ws.StateServerSide), true, 5)
	f.Fuzz(func(t *testing.T, b []byte, server bool, size int) {
		if size < 1 || size > 1<<16 {
			return
		}
		s := ws.StateClientSide
		if server {
			s = ws.StateServerSide
		}
		streamLikeReceiver(t, b, s, size, noDecoder)
		streamLikeReceiver(t, b, s, size, runsDecoder)
	})
}
