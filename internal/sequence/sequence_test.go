package sequence_test

import (
	"testing"

	"github.com/wirews/wirews/internal/sequence"
	"github.com/wirews/wirews/ws"
)

// The rules themselves are tested through wsproto.Receiver and wsutil.Reader;
// here is what those go by.

func TestSequenceFollowsAMessage(t *testing.T) {
	var s sequence.Sequence
	begin := func(op ws.OpCode, fin bool) {
		t.Helper()
		h := ws.Header{OpCode: op, Fin: fin, Length: 3}
		if err := s.Check(h, ws.StateClientSide, 0); err != nil {
			t.Fatal(err)
		}
		if err := s.Begin(h, sequence.Limits{}); err != nil {
			t.Fatal(err)
		}
	}
	want := func(op ws.OpCode, open bool) {
		t.Helper()
		if s.Op() != op || s.Open() != open {
			t.Errorf("%v, open %v; want %v, open %v", s.Op(), s.Open(), op, open)
		}
	}
	begin(ws.OpText, false)
	want(ws.OpText, true)
	begin(ws.OpPing, true)
	want(ws.OpText, true)
	begin(ws.OpContinuation, true)
	want(ws.OpText, false)
	if n := s.Length(); n != 6 {
		t.Errorf("two frames of 3 bytes have %d", n)
	}
	begin(ws.OpBinary, true)
	want(ws.OpBinary, false)
	if err := s.Check(ws.Header{OpCode: ws.OpContinuation}, ws.StateClientSide, 0); err != ws.ErrProtocolContinuationUnexpected {
		t.Error(err)
	}
}

func TestTextIsCheckedAsItComes(t *testing.T) {
	var s sequence.Sequence
	s.Begin(ws.Header{OpCode: ws.OpText, Fin: true, Length: 7}, sequence.Limits{Message: 100})
	if n, err := s.Text([]byte("caf\xc3")); n != 4 || err != nil {
		t.Errorf("half of a rune: %d, %v", n, err)
	}
	if err := s.EndText(); err != ws.ErrProtocolInvalidUTF8 {
		t.Errorf("an end in half of a rune: %v", err)
	}
	if n, err := s.Text([]byte("\xa9\xff!")); n != 1 || err != ws.ErrProtocolInvalidUTF8 {
		t.Errorf("the rest of it, and a byte that is none: %d, %v", n, err)
	}
	s.Begin(ws.Header{OpCode: ws.OpBinary, Fin: true, Length: 7}, sequence.Limits{})
	if n, err := s.Text([]byte("\xff")); n != 1 || err != nil || s.EndText() != nil {
		t.Errorf("binary: %d, %v", n, err)
	}
}

func TestNotesEndWithTheirMessage(t *testing.T) {
	var s sequence.Sequence
	begin := func(op ws.OpCode, rsv byte, encoded bool, notes uint8) {
		t.Helper()
		if err := s.Begin(ws.Header{OpCode: op, Rsv: rsv}, sequence.Limits{}); err != nil {
			t.Fatal(err)
		}
		if s.Encoded != encoded || s.Notes != notes {
			t.Errorf("%v: encoded %v, notes %d; want %v, %d", op, s.Encoded, s.Notes, encoded, notes)
		}
	}
	begin(ws.OpText, 4, true, 0)
	s.Notes = 3
	begin(ws.OpPing, 0, true, 3)
	begin(ws.OpContinuation, 0, true, 3)
	begin(ws.OpText, 0, false, 0)
}

func TestLimits(t *testing.T) {
	const none = 1<<63 - 1
	for _, tc := range []struct {
		name   string
		limits sequence.Limits
		want   sequence.Bounds
		only   int64 // FrameBound
	}{
		{"zero", sequence.Limits{}, sequence.Bounds{Frame: 32 << 20, Message: 32 << 20, Decoded: 32 << 20, Fragments: 1 << 17, Controls: 1 << 12}, 32 << 20},
		{"none", sequence.Limits{Frame: -1, Message: -1, Decoded: -1, Fragments: -1, Controls: -1}, sequence.Bounds{Frame: none, Message: none, Decoded: none, Fragments: none, Controls: none}, none},
		{"a message bounds its frames, and what it is decoded to", sequence.Limits{Message: 9}, sequence.Bounds{Frame: 9, Message: 9, Decoded: 9, Fragments: 1 << 17, Controls: 1 << 12}, 9},
		{"each for itself", sequence.Limits{Frame: 7, Message: 9, Decoded: 11, Fragments: 2, Controls: 3}, sequence.Bounds{Frame: 7, Message: 9, Decoded: 11, Fragments: 2, Controls: 3}, 7},
		{"a frame that is longer than a message", sequence.Limits{Frame: 11, Message: 9}, sequence.Bounds{Frame: 11, Message: 9, Decoded: 9, Fragments: 1 << 17, Controls: 1 << 12}, 9},
	} {
		if got := tc.limits.Bounds(); got != tc.want {
			t.Errorf("%s: %+v, want %+v", tc.name, got, tc.want)
		}
		if got := tc.limits.FrameBound(); got != tc.only {
			t.Errorf("%s: FrameBound() = %d, want %d", tc.name, got, tc.only)
		}
	}
}

func TestWhatIsEncodedMayBeLonger(t *testing.T) {
	for _, tc := range []struct {
		name   string
		limits sequence.Limits
		length int64
		err    error
	}{
		{"by an eighth and 64 bytes", sequence.Limits{Message: 800}, 964, nil},
		{"not by more", sequence.Limits{Message: 800}, 965, ws.ErrFrameTooLarge},
		{"not with a limit on frames", sequence.Limits{Message: 800, Frame: 800}, 801, ws.ErrFrameTooLarge},
		{"not with one on what is decoded", sequence.Limits{Message: 800, Decoded: 800}, 801, ws.ErrFrameTooLarge},
		{"without a limit nothing overflows", sequence.Limits{Message: -1}, 1<<63 - 1, nil},
	} {
		var s sequence.Sequence
		if err := s.Begin(ws.Header{OpCode: ws.OpText, Fin: true, Rsv: 4, Length: tc.length}, tc.limits); err != tc.err {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.err)
		}
	}
}
