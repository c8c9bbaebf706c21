package differential

import (
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
)

// frames of a client, with all that may be wrong with them.
func frame(rsv byte, op ws.OpCode, fin bool, p string) string {
	f := ws.NewFrame(op, fin, []byte(p))
	f.Header.Rsv = rsv
	return string(ws.AppendFrame(nil, ws.MaskFrameWith(f, [4]byte{0x37, 0xfa, 0x21, 0x3d})))
}

const (
	text   = ws.OpText
	binary = ws.OpBinary
	cont   = ws.OpContinuation
	ping   = ws.OpPing
	pong   = ws.OpPong
	closed = ws.OpClose
)

var long = strings.Repeat("x", limit)

// sessions are what a client may send.
var sessions = map[string]string{
	"nothing":                      "",
	"messages":                     frame(0, text, true, "one") + frame(0, binary, true, "two") + frame(0, text, true, "\u00e9\u20ac"),
	"empty messages":               frame(0, text, true, "") + frame(0, binary, true, ""),
	"fragments":                    frame(0, text, false, "Hel") + frame(0, cont, false, "") + frame(0, cont, true, "lo"),
	"pings":                        frame(0, ping, true, "?") + frame(0, ping, true, ""),
	"pings inside of a message":    frame(0, text, false, "Hel") + frame(0, ping, true, "?") + frame(0, cont, true, "lo"),
	"pongs":                        frame(0, pong, true, "x") + frame(0, text, true, "y"),
	"close and more":               frame(0, text, true, "a") + frame(0, closed, true, "\x03\xe8bye") + frame(0, text, true, "late"),
	"close without a code":         frame(0, closed, true, ""),
	"close with a code of its own": frame(0, closed, true, "\x0f\xa0"),
	"close inside of a message":    frame(0, text, false, "a") + frame(0, closed, true, "\x03\xe9"),
	"close with half a code":       frame(0, closed, true, "\x03"),
	"close with a code of nobody":  frame(0, closed, true, "\x03\xed"),
	"close with a reserved code":   frame(0, closed, true, "\x03\xec"),
	"close with code 0":            frame(0, closed, true, "\x00\x00"),
	"close with code 2000":         frame(0, closed, true, "\x07\xd0"),
	"close with code 5000":         frame(0, closed, true, "\x13\x88"),
	"close with code 1014":         frame(0, closed, true, "\x03\xf6"),
	"close with a bad reason":      frame(0, closed, true, "\x03\xe8\xff"),
	"bad UTF-8":                    frame(0, text, true, "a\xff"),
	"bad UTF-8 in fragments":       frame(0, text, false, "a\xe2") + frame(0, cont, true, "b"),
	"bad UTF-8 that does not end":  frame(0, text, false, "a\xff"),
	"half a rune":                  frame(0, text, true, "a\xe2\x82"),
	"continuation of nothing":      frame(0, cont, true, "a"),
	"message inside of a message":  frame(0, text, false, "a") + frame(0, text, true, "b"),
	"fragmented ping":              frame(0, ping, false, "a"),
	"long ping":                    frame(0, ping, true, long[:126]),
	"long close":                   frame(0, closed, true, "\x03\xe8"+long[:124]),
	"at the limit":                 frame(0, binary, true, long),
	"over the limit":               frame(0, binary, true, long+"x"),
	"over the limit in fragments":  frame(0, binary, false, long) + frame(0, cont, true, "x"),
	"a bit of nothing":             frame(4, text, true, "a"),
	"another bit":                  frame(1, text, true, "a"),
	"a bit on a ping":              frame(2, ping, true, "a"),
	"reserved opcode":              frame(0, 3, true, "a"),
	"reserved control opcode":      frame(0, 0xb, true, "a"),
	"not masked":                   "\x81\x01a",
	"long form of a short length":  "\x81\xfe\x00\x01\x00\x00\x00\x00a",
	"longest form of a length":     "\x81\xff\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00a",
	"length with the top bit":      "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
	"declares everything":          "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00",
	"cut in a header":              frame(0, text, true, "a") + "\x81",
	"cut in a payload":             frame(0, text, true, "hello")[:8],
	"cut in a message":             frame(0, text, false, "hello"),
}

func allAgree(t *testing.T, in []byte) {
	t.Helper()
	want := outcomeOf(t, in, byOurs)
	for _, l := range libraries {
		got := outcomeOf(t, in, l.run)
		if !got.agrees(want) && !excused(l.name, want, got) {
			t.Errorf("%s, % x:\ntheirs %v\n  ours %v", l.name, in, got, want)
		}
	}
}

func TestLibrariesAgree(t *testing.T) {
	for name, in := range sessions {
		t.Run(name, func(t *testing.T) { allAgree(t, []byte(in)) })
	}
}

func FuzzLibrariesAgree(f *testing.F) {
	for _, in := range sessions {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 1000 {
			return
		}
		allAgree(t, in)
	})
}
