package wsproto_test

import (
	"io"
	"strings"
	"testing"
	"unsafe"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

var mustHex = wstest.Unhex

var (
	client = wsproto.Config{State: ws.StateClientSide}
	small  = wsproto.Config{Limits: wsproto.Limits{Message: 128}}
	text   = ws.OpText
	binary = ws.OpBinary
	cont   = ws.OpContinuation
	ping   = ws.OpPing
	pong   = ws.OpPong
	closeF = ws.OpClose
)

func closing(code ws.StatusCode, reason string) []byte {
	return frame(closeF, true, string([]byte{byte(code >> 8), byte(code)})+reason)
}

func TestReceiver(t *testing.T) {
	for _, tc := range []struct {
		name   string
		config *wsproto.Config
		in     []byte
		want   string // events joined by " | "
		err    error
	}{
		// RFC 6455, 5.7.
		{"5.7: a single-frame unmasked text message", &client, mustHex("81 05 48 65 6c 6c 6f"), "text:Hello", nil},
		{"5.7: a single-frame masked text message", nil, mustHex("81 85 37 fa 21 3d 7f 9f 4d 51 58"), "text:Hello", nil},
		{"5.7: a fragmented unmasked text message", &client, mustHex("01 03 48 65 6c 80 02 6c 6f"), "text:Hello", nil},
		{"5.7: unmasked ping and masked pong", nil, mustHex("8a 85 37 fa 21 3d 7f 9f 4d 51 58"), "pong:Hello", nil},

		{"empty messages", nil, join(frame(text, true, ""), frame(binary, true, "")), "text: | binary:", nil},
		{"#66: fragments with a ping between", nil, join(frame(text, false, "Hel"), frame(ping, true, "?"), frame(cont, true, "lo")), "ping:? | text:Hello", nil},
		{"empty fragments", nil, join(frame(text, false, ""), frame(cont, false, ""), frame(cont, false, "a"), frame(cont, true, "")), "text:a", nil},
		{"message of empty fragments", nil, join(frame(binary, false, ""), frame(cont, true, "")), "binary:", nil},
		{"control frames with nothing in them", nil, join(frame(ping, true, ""), frame(pong, true, "")), "ping: | pong:", nil},
		{"longest control frame", nil, frame(ping, true, strings.Repeat("x", 125)), "ping:" + strings.Repeat("x", 125), nil},
		{"16-bit length", nil, frame(binary, true, strings.Repeat("x", 126)), "binary:" + strings.Repeat("x", 126), nil},

		{"close", nil, join(frame(text, true, "a"), closing(1000, "bye")), "text:a | close:1000:bye", io.EOF},
		{"close without a code", nil, frame(closeF, true, ""), "close:1005:", io.EOF},
		{"U15: nothing is delivered after a close", nil, join(closing(1001, ""), frame(text, true, "late"), frame(closeF, true, "")), "close:1001:", io.EOF},
		{"close inside a message", nil, join(frame(text, false, "a"), closing(1000, "")), "close:1000: | open:a", io.EOF},
		{"W7: 1012 to 1014 are received", nil, closing(1012, "restart"), "close:1012:restart", io.EOF},
		{"W7: 1014", nil, closing(1014, ""), "close:1014:", io.EOF},
		{"codes of applications", nil, closing(4999, ""), "close:4999:", io.EOF},
		{"W8: 5000", nil, closing(5000, ""), "", ws.ErrProtocolStatusCodeNotInUse},
		{"W8: 65535", nil, closing(65535, ""), "", ws.ErrProtocolStatusCodeNotInUse},
		{"close code 1005", nil, closing(1005, ""), "", ws.ErrProtocolStatusCodeApplicationLevel},
		{"close code 1016", nil, closing(1016, ""), "", ws.ErrProtocolStatusCodeUnknown},
		{"close of one byte", nil, frame(closeF, true, "x"), "", ws.ErrProtocolCloseLength},
		{"U14: reason that is not UTF-8", nil, closing(1000, "\xff"), "", ws.ErrProtocolInvalidUTF8},

		{"5.1: unmasked frame to a server", nil, mustHex("81 00"), "", ws.ErrProtocolMaskRequired},
		{"5.1: masked frame to a client", &client, frame(text, true, "a"), "", ws.ErrProtocolMaskUnexpected},
		{"5.2: reserved opcode 3", nil, frame(3, true, ""), "", ws.ErrProtocolOpCodeReserved},
		{"5.2: reserved opcode 11", nil, frame(11, true, ""), "", ws.ErrProtocolOpCodeReserved},
		{"5.2: RSV1 without extension", nil, rsvFrame(4, text, true, ""), "", ws.ErrProtocolNonZeroRsv},
		{"5.2: RSV3 on a control frame", nil, rsvFrame(1, ping, true, ""), "", ws.ErrProtocolNonZeroRsv},
		{"W12: length that is not minimal", nil, mustHex("82 fe 00 05 00000000 0000000000"), "", ws.ErrHeaderLengthNotMinimal},
		{"5.2: most significant bit of the length", nil, mustHex("82 ff ff00000000000000 00000000"), "", ws.ErrHeaderLengthMSB},
		{"5.4: continuation of nothing", nil, frame(cont, true, "a"), "", ws.ErrProtocolContinuationUnexpected},
		{"5.4: continuation of a message that has ended", nil, join(frame(text, true, "a"), frame(cont, true, "a")), "text:a", ws.ErrProtocolContinuationUnexpected},
		{"5.4: message inside a message", nil, join(frame(text, false, "a"), frame(text, true, "b")), "open:a", ws.ErrProtocolContinuationExpected},
		{"5.5: fragmented control frame", nil, frame(ping, false, ""), "", ws.ErrProtocolControlNotFinal},
		{"5.5: control frame of 126 bytes", nil, frame(ping, true, strings.Repeat("x", 126)), "", ws.ErrProtocolControlPayloadOverflow},

		{"8.1: rune across fragments", nil, join(frame(text, false, "\xf0\x9f"), frame(cont, false, ""), frame(cont, true, "\x98\x80")), "text:\U0001f600", nil},
		{"8.1: rune that the message cuts off", nil, join(frame(text, false, "\xf0\x9f"), frame(cont, true, "\x98")), "open:\xf0\x9f\x98", ws.ErrProtocolInvalidUTF8},
		{"8.1: what stands before the bad byte is handed on", nil, frame(text, true, "ab\xff\xfe"), "open:ab", ws.ErrProtocolInvalidUTF8},
		{"8.1: binary is not looked at", nil, frame(binary, true, "\xff"), "binary:\xff", nil},
		{"8.1: each message starts anew", nil, join(frame(text, true, "ж"), frame(text, true, "\xb6")), "text:ж", ws.ErrProtocolInvalidUTF8},

		{"limit n", &small, frame(binary, true, strings.Repeat("x", 128)), "binary:" + strings.Repeat("x", 128), nil},
		{"limit n+1 in one frame", &small, frame(binary, true, strings.Repeat("x", 129)), "", ws.ErrFrameTooLarge},
		{"#26: limit over fragments", &small, join(frame(binary, false, strings.Repeat("x", 100)), frame(cont, false, strings.Repeat("x", 100))), "open:" + strings.Repeat("x", 100), wsproto.ErrMessageTooLarge},
		{"U20: a ping may be longer than the frame limit", &wsproto.Config{Limits: wsproto.Limits{Frame: 2}}, join(frame(ping, true, "ping"), frame(text, true, "abc")), "ping:ping", ws.ErrFrameTooLarge},
		{"#223: declared 2^63-1", nil, mustHex("82 ff 7fffffffffffffff 00000000"), "", ws.ErrFrameTooLarge},
		{"no limit at all", &wsproto.Config{Limits: wsproto.Limits{Message: -1}}, join(frame(binary, false, "a"), mustHex("80 ff 7fffffffffffffff 00000000")), "open:a", wsproto.ErrMessageTooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			fresh := func() *wsproto.Receiver { return &wsproto.Receiver{Config: tc.config} }
			got := feedEverySplit(t, fresh, 0, tc.in)
			if got.err != tc.err {
				t.Errorf("error %v, want %v", got.err, tc.err)
			}
			events := strings.Join(got.events, " | ")
			if events != tc.want {
				t.Errorf("events %s\n  want %s", events, tc.want)
			}
		})
	}
}

// failsAt returns how many bytes of in a Receiver takes before it fails.
func failsAt(t *testing.T, in []byte) int {
	t.Helper()
	var r wsproto.Receiver
	for i := range in {
		b := []byte{in[i]}
		if _, _, err := r.Next(b, nil); err != nil && err != ws.ErrShort {
			return i
		}
	}
	return -1
}

func TestTextFailsAtTheFirstBadByte(t *testing.T) {
	// RFC 3629: ED A0 begins a surrogate; the message declares much more.
	good := "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"
	in := frame(text, true, good+"\xed\xa0"+strings.Repeat("x", 100))
	if got, want := failsAt(t, in), 2+4+len(good)+1; got != want {
		t.Errorf("failed at byte %d, want %d", got, want)
	}
}

func TestHeaderFailsBeforeItsPayloadComes(t *testing.T) {
	in := frame(text, false, "a")
	in = append(in, frame(text, true, "b")...)
	// The header of the second frame is two bytes and a key.
	if got, want := failsAt(t, in), 7+6-1; got != want {
		t.Errorf("failed at byte %d, want %d", got, want)
	}
}

// What a Receiver has taken apart, headers of its events put together again.
func TestEventsPassedOnAreTheSameSession(t *testing.T) {
	in := join(frame(text, false, "Hel"), frame(ping, true, "?"), frame(cont, true, "lo"), frame(binary, true, ""), closing(1000, "bye"))
	want := feed(t, &wsproto.Receiver{}, 0, in)
	var r wsproto.Receiver
	var out []byte
	for i := range in {
		for b := in[i : i+1]; ; {
			ev, n, err := r.Next(b, nil)
			if b = b[n:]; err != nil {
				break
			}
			out = append(ws.AppendHeader(out, ev.Header()), ev.Payload...)
		}
	}
	if got := feed(t, &wsproto.Receiver{Config: &client}, 0, out); got.String() != want.String() {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFragmentsAndControlFramesAreCounted(t *testing.T) {
	c := wsproto.Config{Limits: wsproto.Limits{Fragments: 3, Controls: 2}}
	fresh := func() *wsproto.Receiver { return &wsproto.Receiver{Config: &c} }
	one := frame(text, false, "")
	next := frame(cont, false, "")
	end := frame(cont, true, "")
	p := frame(ping, true, "")
	for _, tc := range []struct {
		name string
		in   []byte
		err  error
	}{
		{"fragments n", join(one, next, end, one, next, end), nil},
		{"fragments n+1", join(one, next, next, end), wsproto.ErrTooManyFragments},
		{"control frames n", join(one, p, p, end, one, p, p, end), nil},
		{"U16: control frames n+1", join(one, p, next, p, p), wsproto.ErrTooManyControls},
		{"control frames outside of messages are not counted", join(p, p, p, p, p), nil},
	} {
		if got := feedEverySplit(t, fresh, 0, tc.in); got.err != tc.err {
			t.Errorf("%s: %v, want %v", tc.name, got.err, tc.err)
		}
	}
}

func TestEOF(t *testing.T) {
	session := join(frame(text, false, "ab"), frame(ping, true, "?"), frame(cont, true, "c"), frame(text, true, ""), closing(1000, "bye"))
	clean := map[int]bool{0: true, len(session): true}
	clean[8+7+7] = true   // behind the text message
	clean[8+7+7+6] = true // behind the empty one
	for i := 0; i <= len(session); i++ {
		var r wsproto.Receiver
		feed(t, &r, 0, session[:i])
		want := io.ErrUnexpectedEOF
		if clean[i] {
			want = io.EOF
		}
		if r.Inside() == clean[i] {
			t.Errorf("after %d bytes: Inside() = %v", i, r.Inside())
		}
		if got := r.EOF(); got != want {
			t.Errorf("after %d bytes: EOF() = %v, want %v", i, got, want)
		}
		if _, n, err := r.Next(frame(text, true, "x"), nil); n != 0 || err != want {
			t.Errorf("after %d bytes and EOF: Next = %d, %v", i, n, err)
		}
	}
}

func TestReceiverDoesNotAllocate(t *testing.T) {
	unfragmented := frame(text, true, "a text of some length")
	session := join(unfragmented, frame(ping, true, "?"), frame(binary, false, "x"), frame(cont, true, "y"))
	b := make([]byte, len(session))
	r := &wsproto.Receiver{}
	if n := testing.AllocsPerRun(100, func() {
		copy(b, session)
		for in := b; ; {
			_, n, err := r.Next(in, nil)
			if err != nil {
				break
			}
			in = in[n:]
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestIdleReceiverIsSmall(t *testing.T) {
	// A budget: a million connections must be able to hold one each.
	if size := unsafe.Sizeof(wsproto.Receiver{}); size > 136 {
		t.Errorf("a Receiver has %d bytes", size)
	}
}

func BenchmarkReceiver(b *testing.B) {
	one := frame(text, true, strings.Repeat("x", 128))
	in := make([]byte, 16*len(one))
	r := &wsproto.Receiver{}
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		for i := range 16 {
			copy(in[i*len(one):], one)
		}
		for rest := in; len(rest) > 0; {
			_, n, err := r.Next(rest, nil)
			if err != nil {
				b.Fatal(err)
			}
			rest = rest[n:]
		}
	}
}

// TestLimitsHoldFromTheNextFrameOn: a Config is replaced between two calls, inside of
// a message or between two.
func TestLimitsHoldFromTheNextFrameOn(t *testing.T) {
	client := func(limit int64) *wsproto.Config {
		return &wsproto.Config{State: ws.StateClientSide, Limits: wsproto.Limits{Message: limit}}
	}
	r := wsproto.Receiver{Config: client(-1)}
	next := func(b string) (string, error) {
		ev, _, err := r.Next([]byte(b), nil)
		return string(ev.Payload), err
	}
	if p, err := next("\x82\x03abc"); p != "abc" || err != nil {
		t.Fatal(p, err)
	}
	r.Config = client(2)
	if p, err := next("\x02\x02ab"); p != "ab" || err != nil {
		t.Fatal(p, err)
	}
	r.Config = client(4)
	if p, err := next("\x00\x02cd"); p != "cd" || err != nil {
		t.Fatal(p, err)
	}
	if _, err := next("\x80\x01e"); err != wsproto.ErrMessageTooLarge {
		t.Fatal(err)
	}
}

func TestControlFramesBetweenMessagesHaveNoLimit(t *testing.T) {
	frame := func(fin bool, op ws.OpCode) []byte {
		return ws.AppendFrame(nil, ws.MaskFrame(ws.NewFrame(op, fin, nil)))
	}
	b := frame(false, ws.OpText)
	for range 10 {
		b = append(b, frame(true, ws.OpPing)...)
	}
	b = append(b, frame(true, ws.OpContinuation)...)
	var r wsproto.Receiver
	for err := error(nil); err != ws.ErrShort; {
		var n int
		if _, n, err = r.Next(b, nil); err != nil && err != ws.ErrShort {
			t.Fatal(err)
		}
		b = b[n:]
	}
	r.Config = &wsproto.Config{Limits: wsproto.Limits{Controls: 5}} // from the next frame on
	if _, _, err := r.Next(frame(true, ws.OpPing), nil); err != nil {
		t.Error(err)
	}
}
