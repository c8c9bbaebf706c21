package wsproto_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// decoded is what a peer with the extension makes of a server's frames.
func decoded(t testing.TB, masked bool, in []byte) result {
	t.Helper()
	r := &wsproto.Receiver{Decoder: &runs{}}
	if !masked {
		r.Config = &client
	}
	return feed(t, r, 100_000, in)
}

func TestSenderEncodes(t *testing.T) {
	s := newSender(false, &runs{})
	for _, tc := range []struct{ name, message, want string }{
		{"smaller than it was", "aaaaaa", "c1 02 0661"},
		{"larger than it was", "abcd", "c1 08 0161 0162 0163 0164"},
		{"not worth it", "abc", "81 03 616263"},
		{"nothing", "", "81 00"},
	} {
		got, err := s.AppendMessage([]byte("front"), ws.OpText, []byte(tc.message))
		if want := append([]byte("front"), mustHex(tc.want)...); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %x, %v, want %x", tc.name, got, err, want)
		}
	}
}

// The header in front of an encoded payload is as long as that needs, whatever
// the message was: the payload moves.
func TestHeaderOfAnEncodedMessage(t *testing.T) {
	noRuns := func(n int) string { return strings.Repeat("ab", n/2) } // n bytes become 2n
	for _, masked := range []bool{false, true} {
		for _, message := range []string{
			noRuns(62), noRuns(64), noRuns(124), noRuns(126), noRuns(32766), noRuns(32768), noRuns(70000),
			strings.Repeat("z", 125), strings.Repeat("z", 126), strings.Repeat("z", 65535), strings.Repeat("z", 65536),
			strings.Repeat("z", 255*63), strings.Repeat("z", 3_000_000),
		} {
			for _, room := range []int{0, 1, 100, 1 << 20} {
				s := newSender(masked, &runs{})
				dst := append(make([]byte, 0, room+5), "front"...)
				out, err := s.AppendMessage(dst, ws.OpText, []byte(message))
				if err != nil || string(out[:5]) != "front" {
					t.Fatalf("%.5s (%d): %q, %v", message, len(message), out[:5], err)
				}
				got := decoded(t, masked, out[5:])
				if got.err != nil || len(got.events) != 1 || got.events[0] != "text:"+message {
					t.Fatalf("masked %v, %.5s (%d): %.100v", masked, message, len(message), got)
				}
			}
		}
	}
}

func TestHeaderOfAnEncodedMessageWhereRoomIsShort(t *testing.T) {
	message := []byte(strings.Repeat("ab", 32)) // becomes 128 bytes
	for room := range 300 {
		s := newSender(false, &runs{})
		out, err := s.AppendMessage(make([]byte, 0, room), ws.OpText, message)
		if got := decoded(t, false, out); err != nil || got.events[0] != "text:"+string(message) {
			t.Fatalf("room for %d bytes: %v, %v", room, got, err)
		}
	}
}

func TestSenderEncodesFragments(t *testing.T) {
	for _, tc := range []struct {
		name   string
		size   int64
		pieces []string // the last one ends the message
		want   string
	}{
		{"one", -1, []string{"aaaa"}, "c1 02 0461"},
		{"what is held back leaves with the next", -1, []string{"aaab", "bb"}, "41 02 0361 80 02 0362"},
		{"all is held back", -1, []string{"aa", "aa", "", "aa"}, "c1 02 0661"},
		{"all is held back, and the end is empty", -1, []string{"aa", ""}, "c1 02 0261"},
		{"bits in the first frame only", -1, []string{"ab", "cd", "e"}, "41 02 0161 00 04 0162 0163 80 04 0164 0165"},
		{"nothing", -1, []string{""}, "c1 00"},
		{"too short to be worth it", 3, []string{"a", "", "bc"}, "01 01 61 80 02 6263"},
		{"long enough", 4, []string{"aa", "aa"}, "c1 02 0461"},
	} {
		s := newSender(false, &runs{})
		if err := s.BeginMessage(ws.OpText, tc.size); err != nil {
			t.Fatal(err)
		}
		var out []byte
		var err error
		for i, p := range tc.pieces {
			if want := mustHex(tc.want)[0]&0x40 != 0; s.Encodes() != want {
				t.Errorf("%s: before piece %d: Encodes returns %v", tc.name, i, !want)
			}
			if out, err = s.AppendFragment(out, []byte(p), i == len(tc.pieces)-1); err != nil {
				t.Fatal(err)
			}
		}
		if s.Encodes() {
			t.Errorf("%s: Encodes after the end", tc.name)
		}
		if want := mustHex(tc.want); !bytes.Equal(out, want) {
			t.Errorf("%s: %x, want %x", tc.name, out, want)
		}
		if got, want := decoded(t, false, out), "text:"+strings.Join(tc.pieces, ""); got.err != nil || got.events[0] != want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}

func TestAMessageWhoseHeaderIsSentAloneIsNotEncoded(t *testing.T) {
	s := newSender(false, &runs{})
	out, _, err := s.AppendMessageHeader(nil, ws.OpText, 6)
	if err != nil || !bytes.Equal(out, mustHex("81 06")) {
		t.Errorf("%x, %v", out, err)
	}
}

// failing is an Encoder that fails at a byte.
type failing struct{ runs }

var errFailing = errors.New("failing: cannot encode x")

func (x *failing) Encode(dst, src []byte, fin bool) ([]byte, int, error) {
	if bytes.IndexByte(src, 'x') >= 0 {
		return append(dst[:len(dst):cap(dst)], '!'), 1, errFailing
	}
	return x.runs.Encode(dst, src, fin)
}

func TestABrokenEncoderSendsNoMoreMessages(t *testing.T) {
	begin := map[string]func(s *wsproto.Sender, dst []byte) ([]byte, error){
		"message": func(s *wsproto.Sender, dst []byte) ([]byte, error) {
			return s.AppendMessage(dst, ws.OpText, []byte("ax.."))
		},
		"fragment": func(s *wsproto.Sender, dst []byte) ([]byte, error) {
			s.BeginMessage(ws.OpText, -1)
			dst, _ = s.AppendFragment(dst, []byte("ab"), false)
			front := len(dst)
			out, err := s.AppendFragment(dst, []byte("x"), false)
			return append(out[:0], out[front:]...), err
		},
	}
	for name, f := range begin {
		s := newSender(false, &failing{})
		if out, err := f(s, nil); err != errFailing || len(out) != 0 {
			t.Fatalf("%s: %q, %v", name, out, err)
		}
		for i, again := range []func() ([]byte, error){
			func() ([]byte, error) { return s.AppendMessage(nil, ws.OpText, []byte("fine")) },
			func() ([]byte, error) { return s.AppendMessage(nil, ws.OpPing, nil) },
			func() ([]byte, error) { return s.AppendFragment(nil, []byte("fine"), true) },
			func() ([]byte, error) { return nil, s.BeginMessage(ws.OpText, -1) },
			func() ([]byte, error) { return s.AppendPrepared(nil, []byte("\x81\x00")) },
			func() ([]byte, error) { return nil, s.Err() },
			func() ([]byte, error) { return nil, s.Ready() },
		} {
			if out, err := again(); err != errFailing || len(out) != 0 {
				t.Errorf("%s, then %d: %q, %v", name, i, out, err)
			}
		}
		// The peer is told, behind fragments too.
		if out, err := s.AppendPing(nil, nil); err != nil || len(out) != 2 {
			t.Errorf("%s, then a ping: %x, %v", name, out, err)
		}
		out := s.AppendAnswer(nil, wsproto.Event{}, s.Err(), 0)
		if !bytes.Equal(out, mustHex("88 02 03f3")) || s.Phase(0) != wsproto.PhaseShut {
			t.Errorf("%s, then its error: %x, %v", name, out, s.Phase(0))
		}
		if s.Err() != errFailing {
			t.Errorf("%s, then closed: %v", name, s.Err())
		}
	}
}

// idler is an Encoder that never gets anywhere.
type idler struct{ runs }

func (*idler) Encode(dst, src []byte, fin bool) ([]byte, int, error) { return dst, 0, nil }

func TestSenderDoesNotSpinOnAnIdleEncoder(t *testing.T) {
	s := newSender(false, &idler{})
	if _, err := s.AppendMessage(nil, ws.OpText, []byte("abcd")); err != io.ErrNoProgress {
		t.Error(err)
	}
}

func TestPreparedMayHaveTheBitsOfTheExtension(t *testing.T) {
	encoded := mustHex("c1 02 0661")
	for _, masked := range []bool{false, true} {
		out, err := newSender(masked, &runs{}).AppendPrepared(nil, encoded)
		if got := decoded(t, masked, out); err != nil || got.String() != `["text:aaaaaa"] <nil>` {
			t.Errorf("masked %v: %v, %v", masked, got, err)
		}
		if _, err := newSender(masked, nil).AppendPrepared(nil, encoded); err != wsproto.ErrPrepared {
			t.Errorf("without the extension: %v", err)
		}
	}
	if _, err := newSender(false, &runs{}).AppendPrepared(nil, mustHex("e1 02 0661")); err != wsproto.ErrPrepared {
		t.Errorf("with a bit of another: %v", err)
	}
}

// Whatever is sent in whatever pieces arrives, with rooms of any size.
func FuzzSenderEncodes(f *testing.F) {
	f.Add("aaabccccccccccccc", 7, 5, true)
	f.Add(strings.Repeat("ab", 100), 150, 0, false)
	f.Fuzz(func(t *testing.T, message string, cut, room int, masked bool) {
		if cut < 0 || cut > len(message) || room < 0 || room > 1000 {
			return
		}
		s := newSender(masked, &runs{})
		out, err := s.AppendMessage(make([]byte, 0, room), ws.OpBinary, []byte(message))
		if err != nil {
			t.Fatal(err)
		}
		s.BeginMessage(ws.OpBinary, int64(len(message)))
		out, _ = s.AppendFragment(out, []byte(message[:cut]), false)
		out, _ = s.AppendPing(out, nil)
		if out, err = s.AppendFragment(out, []byte(message[cut:]), true); err != nil {
			t.Fatal(err)
		}
		want := result{events: []string{"binary:" + message, "ping:", "binary:" + message}}
		if got := decoded(t, masked, out); got.String() != want.String() {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}
