package wsutil_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

func TestReaderU15ACloseFrameEndsTheStream(t *testing.T) {
	in := join(
		clientFrame(ws.OpText, false, "Hel"),
		clientFrame(ws.OpClose, true, closeBody(1000, "")),
		clientFrame(ws.OpContinuation, true, "lo"))
	t.Run("U15: inside of a message, unseen", func(t *testing.T) {
		r := wsutil.NewServerSideReader(bytes.NewReader(in))
		r.NextFrame()
		if p, err := io.ReadAll(r); string(p) != "Hel" || err != io.ErrUnexpectedEOF {
			t.Errorf("got %q, %v", p, err)
		}
	})
	t.Run("U15: inside of a message, answered", func(t *testing.T) {
		var answer bytes.Buffer
		r := wsutil.NewServerSideReader(bytes.NewReader(in))
		r.OnIntermediate = wsutil.ControlFrameHandler(&answer, ws.StateServerSide)
		r.NextFrame()
		p, err := io.ReadAll(r)
		var closed wsutil.ClosedError
		if string(p) != "Hel" || !errors.As(err, &closed) || closed.Code != 1000 {
			t.Errorf("got %q, %v", p, err)
		}
		if _, err := r.NextFrame(); err != io.ErrUnexpectedEOF {
			t.Errorf("NextFrame after that: %v", err)
		}
		if want := "\x88\x02\x03\xe8"; answer.String() != want {
			t.Errorf("answered %q", answer.String())
		}
	})
}

func TestReaderU9ExtensionsTakeTheirBitsAway(t *testing.T) {
	rsv1 := wsutil.RecvExtensionFunc(func(h ws.Header) (ws.Header, error) {
		h.Rsv &^= 4
		return h, nil
	})
	broken := errors.New("no such bits")
	refuse := wsutil.RecvExtensionFunc(func(h ws.Header) (ws.Header, error) { return h, broken })
	extended := ws.StateServerSide | ws.StateExtended
	for _, tt := range []struct {
		name       string
		state      ws.State
		extensions []wsutil.RecvExtension
		rsv        byte
		want       error
	}{
		{"U9: not extended", ws.StateServerSide, []wsutil.RecvExtension{rsv1}, 4, ws.ErrProtocolNonZeroRsv},
		{"U9: extended by nothing", extended, nil, 4, ws.ErrProtocolNonZeroRsv},
		{"U9: own bit", extended, []wsutil.RecvExtension{rsv1}, 4, nil},
		{"U9: no bit", extended, []wsutil.RecvExtension{rsv1}, 0, nil},
		{"U9: RSV2", extended, []wsutil.RecvExtension{rsv1}, 2, ws.ErrProtocolNonZeroRsv},
		{"U9: RSV3", extended, []wsutil.RecvExtension{rsv1}, 1, ws.ErrProtocolNonZeroRsv},
		{"U9: own bit and another", extended, []wsutil.RecvExtension{rsv1}, 5, ws.ErrProtocolNonZeroRsv},
		{"U9: refused", extended, []wsutil.RecvExtension{rsv1, refuse}, 4, broken},
	} {
		in := join(rsvFrame(ws.StateServerSide, tt.rsv, ws.OpBinary, true, "a"), clientFrame(ws.OpBinary, true, "b"))
		r := &wsutil.Reader{Source: bytes.NewReader(in), State: tt.state, Extensions: tt.extensions}
		h, err := r.NextFrame()
		if err != tt.want || (err == nil && h.Rsv != 0) {
			t.Errorf("%s: got %+v, %v, want %v", tt.name, h, err, tt.want)
		}
		if _, err := r.NextFrame(); err != tt.want {
			t.Errorf("%s: a second time: got %v", tt.name, err)
		}
	}
}

// An extension sees every header, also of a message that lies in a buffer
// whole.
func TestReaderU9ReadAppendAsksTheExtensions(t *testing.T) {
	var seen []byte
	extension := wsutil.RecvExtensionFunc(func(h ws.Header) (ws.Header, error) {
		seen = append(seen, h.Rsv)
		h.Rsv = 0
		return h, nil
	})
	in := join(rsvFrame(ws.StateServerSide, 4, ws.OpText, true, "\xff"), clientFrame(ws.OpText, true, "plain"))
	r := &wsutil.Reader{
		Source: bufio.NewReader(bytes.NewReader(in)), State: ws.StateServerSide | ws.StateExtended,
		CheckUTF8: true, Extensions: []wsutil.RecvExtension{extension},
	}
	for range 2 {
		if _, _, err := r.ReadAppend(nil); err != nil {
			t.Fatal(err)
		}
	}
	if string(seen) != "\x04\x00" {
		t.Errorf("U9: the extension has seen the bits %v", seen)
	}
}

func TestReaderU10DoesNotJudgeEncodedText(t *testing.T) {
	rsv1 := wsutil.RecvExtensionFunc(func(h ws.Header) (ws.Header, error) {
		h.Rsv &^= 4
		return h, nil
	})
	in := join(
		rsvFrame(ws.StateServerSide, 4, ws.OpText, false, "\xff"),
		clientFrame(ws.OpPing, true, ""),
		clientFrame(ws.OpContinuation, true, "\xfe"),
		clientFrame(ws.OpText, true, "plain"),
		clientFrame(ws.OpText, true, "\xff"))
	r := &wsutil.Reader{
		Source: bytes.NewReader(in), State: ws.StateServerSide | ws.StateExtended,
		CheckUTF8: true, Extensions: []wsutil.RecvExtension{rsv1},
	}
	wantResult(t, session(r, io.ReadAll), wsutil.ErrInvalidUTF8, "ping:", "text:\xff\xfe", "text:plain")
}

func TestReaderChecksTextOnlyIfTold(t *testing.T) {
	in := clientFrame(ws.OpText, true, "\xff")
	wantResult(t, session(wsutil.NewServerSideReader(bytes.NewReader(in)), io.ReadAll), io.EOF, "text:\xff")
}

// io.ReadFull drops an error that comes with all the bytes it has asked for.
func TestReaderReadFullSeesTextThatEndsInsideARune(t *testing.T) {
	r := &wsutil.Reader{Source: bytes.NewReader(clientFrame(ws.OpText, true, "ab\xc3")), CheckUTF8: true}
	h, _ := r.NextFrame()
	if n, err := io.ReadFull(r, make([]byte, h.Length)); n != 2 || err != wsutil.ErrInvalidUTF8 {
		t.Errorf("got %d, %v", n, err)
	}
}

// What is skipped is part of the text: the check does not go astray over it.
func TestReaderChecksTextThatIsSkipped(t *testing.T) {
	in := join(
		clientFrame(ws.OpText, false, "a\u20ac"),
		clientFrame(ws.OpContinuation, false, "\xe2"),
		clientFrame(ws.OpContinuation, true, "\x82\xac"))
	for n := range 4 {
		r := &wsutil.Reader{Source: bytes.NewReader(in), CheckUTF8: true}
		r.NextFrame()
		io.ReadFull(r, make([]byte, n))
		if _, err := r.NextFrame(); err != nil {
			t.Fatal(err)
		}
		if p, err := io.ReadAll(r); string(p) != "\xe2\x82\xac" || err != nil {
			t.Errorf("%d bytes read of the first fragment: got %q, %v", n, p, err)
		}
	}
	r := &wsutil.Reader{Source: bytes.NewReader(clientFrame(ws.OpText, true, "a\xff")), CheckUTF8: true}
	r.NextFrame()
	if err := r.Discard(); err != wsutil.ErrInvalidUTF8 {
		t.Errorf("Discard of what is not text: %v", err)
	}
}

func TestReaderU20Limits(t *testing.T) {
	one := func(n int) []byte { return clientFrame(ws.OpBinary, true, strings.Repeat("x", n)) }
	fragments := func(sizes ...int) (b []byte) {
		for i, n := range sizes {
			op := ws.OpContinuation
			if i == 0 {
				op = ws.OpText
			}
			b = append(b, clientFrame(op, i == len(sizes)-1, strings.Repeat("x", n))...)
			b = append(b, clientFrame(ws.OpPing, true, strings.Repeat("p", 125))...)
		}
		return b
	}
	for _, tt := range []struct {
		name           string
		in             []byte
		frame, message int64
		want           error
	}{
		{"frame n-1", one(9), 10, 0, nil},
		{"frame n", one(10), 10, 0, nil},
		{"frame n+1", one(11), 10, 0, wsutil.ErrFrameTooLarge},
		{"message n-1", one(9), 0, 10, nil},
		{"message n", one(10), 0, 10, nil},
		{"message n+1", one(11), 0, 10, wsutil.ErrMessageTooLarge},
		{"#26: fragments n-1", fragments(4, 0, 5), 0, 10, nil},
		{"#26: fragments n", fragments(4, 6), 0, 10, nil},
		{"#26: fragments n+1", fragments(4, 3, 4), 0, 10, wsutil.ErrMessageTooLarge},
		{"#26: fragments within the frame limit", fragments(4, 4, 4), 4, 0, nil},
		{"#26: fragment over the frame limit", fragments(4, 5), 4, 0, wsutil.ErrFrameTooLarge},
		{"U20: limits are not for control frames", fragments(1, 1), 1, 2, nil},
		{"no limit", fragments(1, 100000, 5), 0, 0, nil},
		{"negative stands for none", fragments(1, 100000, 5), -1, -1, nil},
	} {
		r := wsutil.NewServerSideReader(bytes.NewReader(join(tt.in, one(1))))
		r.MaxFrameSize, r.MaxMessageSize = tt.frame, tt.message
		var err error
		for err == nil {
			if _, err = r.NextFrame(); err == nil {
				_, err = io.Copy(io.Discard, r)
			}
		}
		want := tt.want
		if want == nil {
			want = io.EOF
		}
		if err != want {
			t.Errorf("%s: got %v, want %v", tt.name, err, want)
		}
		if _, again := r.NextFrame(); again != want {
			t.Errorf("%s: NextFrame after that: %v", tt.name, again)
		}
	}
}

func TestReaderRepeatsAViolation(t *testing.T) {
	in := join(clientFrame(ws.OpText, false, "a"), clientFrame(ws.OpText, true, "b"), clientFrame(ws.OpContinuation, true, "c"))
	r := wsutil.NewServerSideReader(bytes.NewReader(in))
	r.NextFrame()
	const want = ws.ErrProtocolContinuationExpected
	if _, err := io.ReadAll(r); err != want {
		t.Fatal(err)
	}
	_, next := r.NextFrame()
	_, read := r.Read(make([]byte, 1))
	_, _, message := r.ReadAppend(nil)
	for name, err := range map[string]error{"NextFrame": next, "Read": read, "Discard": r.Discard(), "ReadAppend": message} {
		if err != want {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestReaderSkipHeaderCheck(t *testing.T) {
	in := join(
		rsvFrame(ws.StateClientSide, 7, ws.OpText, true, ""),
		clientFrame(ws.OpText, true, "masked"),
		peerFrame(ws.StateClientSide, ws.OpContinuation, true, "plain"),
		peerFrame(ws.StateClientSide, ws.OpPing, false, "not final"),
		peerFrame(ws.StateClientSide, ws.OpPong, true, strings.Repeat("x", 126)),
		peerFrame(ws.StateClientSide, 3, true, "reserved"))
	for name, source := range sources(in) {
		r := &wsutil.Reader{Source: source, State: ws.StateServerSide, SkipHeaderCheck: true}
		wantResult(t, session(r, io.ReadAll), io.EOF,
			"text:", "text:masked", "continuation:plain", "ping:not final", "pong:"+strings.Repeat("x", 126), "reserved:reserved")
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestReaderJudgesMasksByItsSide(t *testing.T) {
	masked, plain := clientFrame(ws.OpText, true, "a"), peerFrame(ws.StateClientSide, ws.OpText, true, "a")
	for _, tt := range []struct {
		name string
		r    *wsutil.Reader
		want error
	}{
		{"server, unmasked", wsutil.NewServerSideReader(bytes.NewReader(plain)), ws.ErrProtocolMaskRequired},
		{"server, masked", wsutil.NewServerSideReader(bytes.NewReader(masked)), nil},
		{"client, masked", wsutil.NewClientSideReader(bytes.NewReader(masked)), ws.ErrProtocolMaskUnexpected},
		{"client, unmasked", wsutil.NewClientSideReader(bytes.NewReader(plain)), nil},
		{"zero value, masked", &wsutil.Reader{Source: bytes.NewReader(masked)}, nil},
		{"zero value, unmasked", &wsutil.Reader{Source: bytes.NewReader(plain)}, nil},
	} {
		_, err := tt.r.NextFrame()
		if err != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
		if p, err := io.ReadAll(tt.r); tt.want == nil && (string(p) != "a" || err != nil) {
			t.Errorf("%s: got %q, %v", tt.name, p, err)
		}
	}
}

// A server need not wait for six bytes to see that a frame is not masked.
func TestReaderRefusesAnUnmaskedFrameOfTwoBytes(t *testing.T) {
	client, server := pipe(t)
	go client.Write([]byte{0x81, 0x00})
	if _, err := wsutil.NewServerSideReader(server).NextFrame(); err != ws.ErrProtocolMaskRequired {
		t.Errorf("got %v", err)
	}
}
