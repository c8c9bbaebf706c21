package wsutil_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// decodeCases are sessions with the extension runs. A pair's byte has the
// number of runs before it added.
var decodeCases = []struct {
	name   string
	in     func(s ws.State) []byte
	events []string
	err    error
}{
	{"one frame", func(s ws.State) []byte {
		return rsvFrame(s, runsBit, ws.OpText, true, "\x01H\x03b")
	}, []string{"text:Haaa"}, io.EOF},
	{"a message that is not encoded, between two that are", func(s ws.State) []byte {
		x := &runs{}
		return join(runsFrames(x, s, ws.OpText, "Hello"), peerFrame(s, ws.OpText, true, "\x01H"), runsFrames(x, s, ws.OpBinary, "lo"))
	}, []string{"text:Hello", "text:\x01H", "binary:lo"}, io.EOF},
	{"fragments, cut inside a pair, with pings between", func(s ws.State) []byte {
		return join(
			rsvFrame(s, runsBit, ws.OpText, false, "\x01H\x03"),
			peerFrame(s, ws.OpPing, true, "?"),
			peerFrame(s, ws.OpContinuation, false, ""),
			peerFrame(s, ws.OpPing, true, ""),
			peerFrame(s, ws.OpContinuation, true, "b\x01#"))
	}, []string{"ping:?", "ping:", "text:Haaa!"}, io.EOF},
	{"a fragment that is held back whole", func(s ws.State) []byte {
		return join(rsvFrame(s, runsBit, ws.OpBinary, false, "\x02"), peerFrame(s, ws.OpContinuation, true, "x"))
	}, []string{"binary:xx"}, io.EOF},
	{"empty", func(s ws.State) []byte {
		return join(rsvFrame(s, runsBit, ws.OpText, true, ""), rsvFrame(s, runsBit, ws.OpText, false, ""), peerFrame(s, ws.OpContinuation, true, ""))
	}, []string{"text:", "text:"}, io.EOF},
	{"much of little", func(s ws.State) []byte {
		return rsvFrame(s, runsBit, ws.OpBinary, true, "\xffz\xff{\xff|")
	}, []string{"binary:" + strings.Repeat("z", 3*255)}, io.EOF},
	{"a fault behind good bytes", func(s ws.State) []byte {
		return rsvFrame(s, runsBit, ws.OpBinary, true, "\x02z\x00zz")
	}, []string{"open:zz"}, errRuns},
	{"a fault in the second fragment", func(s ws.State) []byte {
		return join(rsvFrame(s, runsBit, ws.OpBinary, false, "\x02z"), peerFrame(s, ws.OpContinuation, false, "\x00"), peerFrame(s, ws.OpPing, true, ""))
	}, []string{"open:zz"}, errRuns},
	{"a message that ends inside a pair", func(s ws.State) []byte {
		return rsvFrame(s, runsBit, ws.OpText, true, "\x01")
	}, nil, errRuns},
	{"U10: UTF-8 is judged after decoding", func(s ws.State) []byte {
		return runsFrames(&runs{}, s, ws.OpText, "\u03ba\u03ba\U0001f600", 1, 3, 8)
	}, []string{"text:\u03ba\u03ba\U0001f600"}, io.EOF},
	{"U10: bad text", func(s ws.State) []byte {
		return rsvFrame(s, runsBit, ws.OpText, true, "\x01a\x02\xce\x00")
	}, []string{"open:a\xce"}, ws.ErrProtocolInvalidUTF8},
	{"U10: text that ends inside a rune", func(s ws.State) []byte {
		return runsFrames(&runs{}, s, ws.OpText, "aaa\xe2\x82", 3)
	}, []string{"open:aaa"}, ws.ErrProtocolInvalidUTF8},
	{"U9: a bit that nobody owns", func(s ws.State) []byte {
		return rsvFrame(s, runsBit|1, ws.OpText, true, "\x01a")
	}, nil, ws.ErrProtocolNonZeroRsv},
	{"U9: a bit on a continuation frame", func(s ws.State) []byte {
		return join(rsvFrame(s, runsBit, ws.OpText, false, "\x01a"), rsvFrame(s, runsBit, ws.OpContinuation, true, ""))
	}, []string{"open:a"}, ws.ErrProtocolNonZeroRsv},
	{"U9: a bit on a control frame", func(s ws.State) []byte {
		return rsvFrame(s, runsBit, ws.OpPing, true, "")
	}, nil, ws.ErrProtocolNonZeroRsv},
	{"close inside of a message", func(s ws.State) []byte {
		return join(rsvFrame(s, runsBit, ws.OpText, false, "\x01a"), peerFrame(s, ws.OpClose, true, closeBody(1000, "")))
	}, []string{"close:1000:"}, io.EOF},
}

func TestReaderDecodesHoweverTheBytesCome(t *testing.T) {
	reads := map[string]func(io.Reader) ([]byte, error){
		"ReadAll": io.ReadAll, "Copy": readCopy, "1": readSmall(1), "2": readSmall(2), "255": readSmall(255), "256": readSmall(256),
	}
	for _, tt := range decodeCases {
		for side, s := range sides {
			for name, read := range reads {
				for cut, source := range sources(tt.in(s)) {
					r := &wsutil.Reader{Source: source, State: s, CheckUTF8: true, Decoder: &runs{}}
					got := session(r, read).withoutCutRune()
					want := result{tt.events, tt.err}.withoutCutRune()
					if tt.name == "close inside of a message" {
						got.events = got.events[:1] // what had come of the message follows
					}
					if got.String() != want.String() || !errors.Is(got.err, tt.err) {
						t.Fatalf("%s, %s, %s, %s:\n got %v\nwant %v", tt.name, side, name, cut, got, want)
					}
				}
			}
		}
	}
}

// Every part of a session comes to what it comes to in a Receiver.
func TestReaderDecodesTruncatedSessions(t *testing.T) {
	for _, tt := range decodeCases {
		for _, s := range sides {
			in := tt.in(s)
			for n := range in {
				sameAsReceiver(t, in[:n], s, 0, 0, runsDecoder)
				sameMessages(t, in[:n], s, 0, 0, runsDecoder)
			}
		}
	}
}

func TestReaderTakesTheDecodersBitsAway(t *testing.T) {
	in := join(
		rsvFrame(ws.StateServerSide, runsBit, ws.OpText, false, "\x02a"),
		clientFrame(ws.OpContinuation, true, "\x02b"),
		rsvFrame(ws.StateServerSide, runsBit|1, ws.OpText, true, "\x01c"))
	low := wsutil.RecvExtensionFunc(func(h ws.Header) (ws.Header, error) {
		h.Rsv &^= 1
		return h, nil
	})
	r := &wsutil.Reader{
		Source: bytes.NewReader(in), State: ws.StateServerSide | ws.StateExtended,
		Extensions: []wsutil.RecvExtension{low}, Decoder: &runs{},
	}
	for _, want := range []string{"aaaa", "a"} {
		h, err := r.NextFrame()
		if err != nil || h.Rsv != 0 || h.Length != 2 {
			t.Errorf("got %+v, %v", h, err)
		}
		if p, err := io.ReadAll(r); string(p) != want || err != nil {
			t.Errorf("got %q, %v", p, err)
		}
	}
}

// What a Decoder declines is as it would be without one, its bits included.
type declining struct{ runs }

func (*declining) BeginDecode(byte) (bool, error) { return false, nil }

// always is a Decoder that decodes every message, whatever its bits.
type always struct{ runs }

func (x *always) BeginDecode(byte) (bool, error) { return x.runs.BeginDecode(runsBit) }

func TestReaderAsksTheDecoderAboutEveryMessage(t *testing.T) {
	in := clientFrame(ws.OpText, true, "\x03a")
	for name, source := range map[string]io.Reader{"plain": bytes.NewReader(in), "bufio": bufio.NewReader(bytes.NewReader(in))} {
		r := &wsutil.Reader{Source: source, State: ws.StateServerSide, Decoder: &always{}}
		if p, _, err := r.ReadAppend(nil); string(p) != "aaa" || err != nil {
			t.Errorf("%s: got %q, %v", name, p, err)
		}
	}
}

func TestReaderReadsWhatItsDecoderDeclines(t *testing.T) {
	in := rsvFrame(ws.StateServerSide, runsBit, ws.OpText, true, "\x02a")
	r := &wsutil.Reader{Source: bytes.NewReader(in), State: ws.StateServerSide, Decoder: &declining{}}
	h, err := r.NextFrame()
	if err != nil || h.Rsv != runsBit {
		t.Errorf("got %+v, %v", h, err)
	}
	if p, err := io.ReadAll(r); string(p) != "\x02a" || err != nil {
		t.Errorf("got %q, %v", p, err)
	}
}

// With context takeover the Decoder has to see every message.
func TestReaderDecodesWhatItSkips(t *testing.T) {
	x := &runs{}
	in := join(
		runsFrames(x, ws.StateServerSide, ws.OpText, strings.Repeat("ab", 400)+strings.Repeat("z", 5000), 10, 700),
		runsFrames(x, ws.StateServerSide, ws.OpText, "cccdd"),
		runsFrames(x, ws.StateServerSide, ws.OpText, "last"))
	type step func(*wsutil.Reader) error
	for name, skip := range map[string]step{
		"Discard": (*wsutil.Reader).Discard,
		"NextFrame": func(r *wsutil.Reader) error {
			for range 2 {
				if h, err := r.NextFrame(); err != nil || h.OpCode != ws.OpContinuation {
					return fmt.Errorf("%v, %v", h.OpCode, err)
				}
			}
			return nil
		},
		"ReadAppend": func(r *wsutil.Reader) error {
			if p, _, err := r.ReadAppend(nil); string(p) != "cccdd" {
				return fmt.Errorf("%q, %v", p, err)
			}
			return nil
		},
	} {
		for _, read := range []int{0, 1, 5, 6, 200, 799, 800, 801, 5799, 5800} {
			for cut, source := range sources(in) {
				r := &wsutil.Reader{Source: source, State: ws.StateServerSide, Decoder: &runs{}}
				if _, err := r.NextFrame(); err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadFull(r, make([]byte, read)); err != nil {
					t.Fatal(err)
				}
				if name == "NextFrame" && read > 5 {
					continue // the fragments are behind us
				}
				if err := skip(r); err != nil {
					t.Fatalf("%s after %d bytes, %s: %v", name, read, cut, err)
				}
				want := []string{"text:cccdd", "text:last"}
				if name == "ReadAppend" {
					want = want[1:]
				}
				wantResult(t, session(r, io.ReadAll), io.EOF, want...)
			}
		}
	}
}

func TestReaderReadsNothingBehindAnEncodedMessage(t *testing.T) {
	first := runsFrames(&runs{}, ws.StateServerSide, ws.OpText, "Hello", 3)
	source := bytes.NewReader(join(first, []byte("something else")))
	r := &wsutil.Reader{Source: source, State: ws.StateServerSide, Decoder: &runs{}}
	if p, _, err := r.ReadAppend(nil); string(p) != "Hello" || err != nil {
		t.Fatalf("%q, %v", p, err)
	}
	if rest, _ := io.ReadAll(source); string(rest) != "something else" {
		t.Errorf("left %q", rest)
	}
}

func TestReaderOnContinuationReadsWhatTheFragmentAdds(t *testing.T) {
	in := join(
		rsvFrame(ws.StateServerSide, runsBit, ws.OpText, false, "\x02a\x03"),
		clientFrame(ws.OpContinuation, false, "b\x02"),
		clientFrame(ws.OpContinuation, false, ""),
		clientFrame(ws.OpContinuation, true, "e"))
	var parts []string
	for _, size := range []int{1, 2, 3, 100} {
		parts = nil
		r := &wsutil.Reader{Source: iotest.OneByteReader(bytes.NewReader(in)), State: ws.StateServerSide, Decoder: &runs{}}
		r.OnContinuation = func(_ ws.Header, src io.Reader) error {
			if n, err := src.Read(nil); n != 0 || (err != nil && err != io.EOF) {
				t.Errorf("Read of no bytes: %d, %v", n, err)
			}
			p, err := readSmall(size)(src)
			parts = append(parts, string(p))
			return err
		}
		r.NextFrame()
		if p, err := io.ReadAll(r); string(p) != "aa" || err != nil {
			t.Errorf("got %q, %v", p, err)
		}
		if fmt.Sprintf("%q", parts) != `["aaa" "" "cc"]` {
			t.Errorf("Reads of %d: got %q", size, parts)
		}
	}
}

func TestReaderDecodesWithoutHeaderChecks(t *testing.T) {
	in := join(rsvFrame(ws.StateClientSide, runsBit|2, ws.OpText, true, "\x02a"), rsvFrame(ws.StateServerSide, 2, ws.OpText, true, "raw"))
	r := &wsutil.Reader{Source: bufio.NewReader(bytes.NewReader(in)), SkipHeaderCheck: true, Decoder: &runs{}}
	for _, want := range []string{"aa", "raw"} {
		if h, err := r.NextFrame(); h.Rsv != 2 || err != nil {
			t.Errorf("got %+v, %v", h, err)
		}
		if p, err := io.ReadAll(r); string(p) != want || err != nil {
			t.Errorf("got %q, %v", p, err)
		}
	}
}
