package ws_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wirews/wirews/ws"
)

func TestCloseBothWays(t *testing.T) {
	for _, tt := range []struct {
		name   string
		wire   []byte
		code   ws.StatusCode
		reason string
	}{
		{"code alone", unhex("03e8"), 1000, ""},
		{"code and reason", append(unhex("03e9"), "bye"...), 1001, "bye"},
		{"reason of two-byte runes", append(unhex("0fa0"), "ééé"...), 4000, "ééé"},
		{"longest reason", append(unhex("03e8"), strings.Repeat("x", 123)...), 1000, strings.Repeat("x", 123)},
		// 7.1.5: "If this Close control frame contains no status code, _The
		// WebSocket Connection Close Code_ is considered to be 1005."
		{"empty", nil, 1005, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, reason, err := ws.ParseClose(tt.wire)
			if code != tt.code || string(reason) != tt.reason || err != nil {
				t.Errorf("ParseClose: got %d, %q, %v, want %d, %q", code, reason, err, tt.code, tt.reason)
			}
			if got := ws.AppendClose(nil, tt.code, tt.reason); !bytes.Equal(got, tt.wire) {
				t.Errorf("AppendClose: got %x, want %x", got, tt.wire)
			}
			if got := ws.NewCloseFrameBody(tt.code, tt.reason); !bytes.Equal(got, tt.wire) {
				t.Errorf("NewCloseFrameBody: got %x, want %x", got, tt.wire)
			}
		})
	}
}

func TestAppendCloseWithoutACodeAppendsNothing(t *testing.T) {
	for _, code := range []ws.StatusCode{0, ws.StatusNoStatusRcvd} {
		if got := ws.AppendClose([]byte("front"), code, "reason"); string(got) != "front" {
			t.Errorf("code %d: got %q", code, got)
		}
	}
}

func TestParseCloseReasonAliasesThePayload(t *testing.T) {
	p := []byte("\x03\xe8bye")
	if _, reason, _ := ws.ParseClose(p); &reason[0] != &p[2] {
		t.Error("the reason is a copy")
	}
}

// closeCodes says for codes at all edges what has to be thought of them.
var closeCodes = []struct {
	id   string
	code ws.StatusCode
	want error
}{
	{"", 0, ws.ErrProtocolStatusCodeNotInUse},
	{"", 1, ws.ErrProtocolStatusCodeNotInUse},
	{"", 999, ws.ErrProtocolStatusCodeNotInUse},
	{"", 1000, nil},
	{"", 1001, nil},
	{"", 1002, nil},
	{"", 1003, nil},
	{"", 1004, ws.ErrProtocolStatusCodeNoMeaning},
	// 7.4.1: "MUST NOT be set as a status code in a Close control frame by an
	// endpoint": 1005, 1006, 1015.
	{"", 1005, ws.ErrProtocolStatusCodeApplicationLevel},
	{"", 1006, ws.ErrProtocolStatusCodeApplicationLevel},
	{"", 1007, nil},
	{"", 1008, nil},
	{"", 1009, nil},
	{"", 1010, nil},
	{"", 1011, nil},
	{"W7: ", 1012, nil},
	{"W7: ", 1013, nil},
	{"W7: ", 1014, nil},
	{"", 1015, ws.ErrProtocolStatusCodeApplicationLevel},
	{"", 1016, ws.ErrProtocolStatusCodeUnknown},
	{"", 1100, ws.ErrProtocolStatusCodeUnknown},
	{"", 2000, ws.ErrProtocolStatusCodeUnknown},
	{"", 2999, ws.ErrProtocolStatusCodeUnknown},
	{"W7: ", 3000, nil},
	{"", 3999, nil},
	{"", 4000, nil},
	{"W7: ", 4999, nil},
	{"W8: ", 5000, ws.ErrProtocolStatusCodeNotInUse},
	{"W8: ", 5001, ws.ErrProtocolStatusCodeNotInUse},
	{"W8: ", 65535, ws.ErrProtocolStatusCodeNotInUse},
}

func TestCloseCodes(t *testing.T) {
	for _, tt := range closeCodes {
		t.Run(fmt.Sprint(tt.id, int(tt.code)), func(t *testing.T) {
			if got := ws.CheckCloseFrameData(tt.code, "reason"); got != tt.want {
				t.Errorf("CheckCloseFrameData: got %v, want %v", got, tt.want)
			}
			p := []byte{byte(tt.code >> 8), byte(tt.code), 'b', 'y', 'e'}
			code, reason, err := ws.ParseClose(p)
			if code != tt.code || string(reason) != "bye" || err != tt.want {
				t.Errorf("ParseClose: got %d, %q, %v, want error %v", code, reason, err, tt.want)
			}
		})
	}
}

func TestParseCloseRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		wire []byte
		want ws.ProtocolError
	}{
		// 5.5.1: "If there is a body, the first two bytes of the body MUST be
		// a 2-byte unsigned integer".
		{"one byte", unhex("03"), ws.ErrProtocolCloseLength},
		{"reason cut inside a rune", unhex("03e8 c3"), ws.ErrProtocolInvalidUTF8},
		{"surrogate in the reason", unhex("03e8 eda080"), ws.ErrProtocolInvalidUTF8},
		{"overlong form in the reason", unhex("03e8 c080"), ws.ErrProtocolInvalidUTF8},
		{"a bad code comes before a bad reason", unhex("03ed ff"), ws.ErrProtocolStatusCodeApplicationLevel},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := ws.ParseClose(tt.wire); err != tt.want {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	if err := ws.CheckCloseFrameData(1000, "\xff"); err != ws.ErrProtocolInvalidUTF8 {
		t.Errorf("CheckCloseFrameData with a reason that is not UTF-8: got %v", err)
	}
}

// 5.5: a control frame holds 125 bytes; 5.5.1: the reason is UTF-8. Both hold
// whatever the reason is.
func TestAppendCloseCutsTheReason(t *testing.T) {
	for _, tt := range []struct {
		name, reason, want string
	}{
		{"123 bytes fit", strings.Repeat("x", 123), strings.Repeat("x", 123)},
		{"124 bytes are cut", strings.Repeat("x", 124), strings.Repeat("x", 123)},
		{"W6: two-byte runes", strings.Repeat("é", 62), strings.Repeat("é", 61)},
		{"W6: three-byte runes fit", strings.Repeat("€", 41), strings.Repeat("€", 41)},
		{"W6: three-byte runes", "x" + strings.Repeat("€", 41), "x" + strings.Repeat("€", 40)},
		{"W6: four-byte runes", strings.Repeat("😀", 31), strings.Repeat("😀", 30)},
		{"W6: the cut falls behind each byte of a rune", strings.Repeat("x", 120) + "😀", strings.Repeat("x", 120)},
		{"bytes that are not UTF-8", "bad \xff byte", "bad "},
		{"a rune without its end", "bad \xe2\x82", "bad "},
		{"the replacement character is a rune", "\ufffd!", "\ufffd!"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ws.AppendClose([]byte("front"), 1000, tt.reason)
			if want := "front\x03\xe8" + tt.want; string(got) != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestAppendCloseIsAlwaysSendable(t *testing.T) {
	for _, r := range []string{"x", "é", "€", "😀", "\xff"} {
		for shift := range 5 {
			for n := range 140 {
				reason := strings.Repeat("y", shift) + strings.Repeat(r, n)
				p := ws.AppendClose(nil, 1000, reason)
				if len(p) > ws.MaxControlFramePayloadSize || !utf8.Valid(p[2:]) || !strings.HasPrefix(reason, string(p[2:])) {
					t.Fatalf("reason %q: payload %q", reason, p)
				}
			}
		}
	}
}

func TestParseCloseFrameDataDoesNotJudge(t *testing.T) {
	for _, tt := range []struct {
		wire   []byte
		code   ws.StatusCode
		reason string
	}{
		{nil, 0, ""},
		{unhex("03"), 0, ""},
		{unhex("03ed"), 1005, ""},
		{unhex("ffff ff"), 65535, "\xff"},
	} {
		code, reason := ws.ParseCloseFrameData(tt.wire)
		if code != tt.code || reason != tt.reason {
			t.Errorf("%x: got %d, %q, want %d, %q", tt.wire, code, reason, tt.code, tt.reason)
		}
	}
}

func TestParseCloseFrameDataCopiesTheReason(t *testing.T) {
	for name, parse := range map[string]func([]byte) (ws.StatusCode, string){
		"ParseCloseFrameData":       ws.ParseCloseFrameData,
		"ParseCloseFrameDataUnsafe": ws.ParseCloseFrameDataUnsafe,
	} {
		p := []byte("\x03\xe8bye")
		_, reason := parse(p)
		clear(p)
		if reason != "bye" {
			t.Errorf("%s: the reason became %q with its buffer", name, reason)
		}
	}
}

func TestPutCloseFrameBody(t *testing.T) {
	p := []byte("............")
	ws.PutCloseFrameBody(p, 1001, "bye")
	if want := "\x03\xe9bye......."; string(p) != want {
		t.Errorf("got %q, want %q", p, want)
	}
	for n := range 5 {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("room for %d bytes: no panic", n)
				}
			}()
			ws.PutCloseFrameBody(make([]byte, n), 1001, "bye")
		}()
	}
}

func TestCloseDoesNotAllocate(t *testing.T) {
	p := []byte("\x03\xe8bye")
	bad := []byte("\x03\xe8\xff")
	dst := make([]byte, 0, ws.MaxControlFramePayloadSize)
	wantAllocs(t, 0, func() { ws.ParseClose(p) })
	wantAllocs(t, 0, func() { ws.ParseClose(bad) })
	wantAllocs(t, 0, func() { dst = ws.AppendClose(dst[:0], 1000, "bye") })
}
